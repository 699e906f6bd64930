"""Who belongs: identifiers, enrolment and profile."""
