"""The recipe of the shipped vectors (`make train-vectors`).

* `data`      the parallel texts, from the unpacked training archive
* `teacher`   vectors of their English sides by a sentence model
* `model`     tokenizer, table, training
* `pack`      what is folded into the table, and the model folder
* `measure`   figures on STS and on parallel news
* `__main__`  all of it in order

Not part of the wheel. Needs torch and, for the teacher, sentence-transformers.
"""
