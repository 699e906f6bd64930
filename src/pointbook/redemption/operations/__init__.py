"""Operations of the room: one file for each thing that is done."""
