"""Choosing sources: find, propose, check, bring in, take out."""
