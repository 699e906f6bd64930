"""The command line and the host: home, embedded database and supervisor."""
