"""Recipes that make the models shipped in enrich/models. Not installed with Vigie."""
