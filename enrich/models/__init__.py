"""The models: what is in force, what comes with Vigie, what is installed, how to fetch another.

* `inforce`: the models of the settings, for `vigie doctor` and `vigie models`
* `shipped`: the models in this package, with cards and hashes that are checked on loading
* `static`: the shipped vectors, without torch
* `installed`, `pull`: other models on this machine, and fetching them
* `vectors/`, `entities/`: data, one folder a shipped model
"""
