"""The outlines of countries behind the map of places. Not installed with Vigie."""
