"""Seasons and calendars, windows and how they are cut, deadlines: pure functions of dates and instants."""
