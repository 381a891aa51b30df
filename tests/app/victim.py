"""What the kill test kills: one stage of the pipeline, on a folder that may be half done.

python victim.py HOME collect|enrich|send|rest
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.demo.run import NOW, QUARTER, WHO
from app.demo.settings import EDITION
from app.folder import Folder
from app.pipeline import issuing, mailing
from app.pipeline.collect import collect
from app.pipeline.enriching import enrich
from vigie.archive import issues


def main(home: Path, stage: str) -> None:
    folder = Folder.at(home)
    with folder.lock(), folder.archive(NOW) as archive, folder.desk() as desk:
        if stage in ("collect", "rest"):
            collect(archive, folder.settings, NOW)
        if stage in ("enrich", "rest"):
            enrich(archive, folder.settings, NOW)
        if stage in ("send", "rest"):
            issue_id = f"{EDITION}-{QUARTER}"
            if not issues.last_revision(archive, issue_id):
                issue = issuing.draft(archive, desk, folder.settings, EDITION, QUARTER, NOW)
                issuing.publish(archive, desk, folder.settings, issue, WHO, NOW)
            mailing.send(folder, archive, desk, issue_id, NOW)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
