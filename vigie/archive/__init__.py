"""The archive and the desk: two SQLite files, and every statement that touches them."""
