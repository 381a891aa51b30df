"""Fetching a model by name, once, where the network allows.

Nothing else in Vigie fetches a model. spaCy pipelines come as Python packages, models of
sentence-transformers as files of one commit of a repository, kept in that library's own cache.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from importlib import metadata
from pathlib import Path

from enrich.models.installed import Pulled, write_record
from vigie.errors import ModelError

_PIPELINE = re.compile(r"[a-z]{2,3}_[a-z]+_[a-z]+_(?:sm|md|lg|trf)")
_REPOSITORY = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)?")
SECONDS = 3_600.0  # patience with a whole download
_WORDS = 300  # characters of a library's own message


def pull(name: str, folder: Path, now: datetime) -> Pulled:
    """Fetch the model, record its revision in `folder`, and return it.

    Raises ModelError where the name is none, or the network does not give it.
    """
    if _PIPELINE.fullmatch(name):
        kind, revision = "spacy", _spacy(name)
    elif _REPOSITORY.fullmatch(name):
        kind, revision = "sentence-transformers", _sentences(name)
    else:
        raise ModelError(
            f"{name!r} is no name of a model: give a spaCy pipeline (fr_core_news_md) or a "
            "sentence-transformers model (intfloat/multilingual-e5-small)"
        )
    done = Pulled(name, kind, revision, f"{now:%Y-%m-%d}")
    write_record(folder, done)
    return done


def _spacy(name: str) -> str:
    command = [sys.executable, "-m", "spacy", "download", name]
    try:
        ran = subprocess.run(  # noqa: S603  (the name was matched, and no shell reads it)
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(name, f"no end after {SECONDS:.0f} s", "spaCy's download site") from error
    if ran.returncode:
        lines = [line.strip() for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
        why = next((line for line in reversed(lines) if "rror" in line), (lines or ["no word"])[-1])
        raise _refused(name, why, "spaCy's download site")
    return metadata.version(name.replace("_", "-"))


def _sentences(name: str) -> str:
    """The commit that was fetched. Without weights in another library's form."""
    from huggingface_hub import HfApi, snapshot_download  # noqa: PLC0415 (a second)

    try:
        commit = HfApi().model_info(name, timeout=20.0).sha
        if not commit:
            raise _refused(name, "the hub names no commit", "the hub")
        snapshot_download(
            name, revision=commit, ignore_patterns=["onnx/*", "openvino/*", "*.h5", "*.ot"]
        )
        # By its short name it is looked for on the main branch, whose commit this now is.
        snapshot_download(name, ignore_patterns=["onnx/*", "openvino/*", "*.h5", "*.ot"])
    except ModelError:
        raise
    except Exception as error:
        raise _refused(name, str(error) or type(error).__name__, "the hub") from error
    return commit


def _refused(name: str, why: str, where: str) -> ModelError:
    first = why.strip().splitlines()[0][:_WORDS]
    return ModelError(
        f"{name} could not be fetched from {where}: {first}. Nothing was changed. Is there a way "
        "out of this network? Otherwise fetch it elsewhere, copy its folder here and give the "
        "folder's path under [models] in vigie.toml"
    )
