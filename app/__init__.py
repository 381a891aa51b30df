"""How Vigie is run: the pipeline, the timetable, the commands, the pages."""
