"""The recipe of the entity model: `make train-ner`. Not installed with Vigie."""
