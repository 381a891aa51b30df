"""A process that has Scrapy loaded and forks a fetching child whenever a test asks for one.

It takes stdin, stdout and stderr for the child over a Unix socket, and tells its process id and how
it ended. What the child does is what `python -m collectors.child` does; only the import is spared.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

from collectors import child, crawl


def main(address: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # handlers end by themselves
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        while True:
            asked, _ = listener.accept()
            if not os.fork():
                listener.close()
                _handle(asked)
            asked.close()


def _handle(asked: socket.socket) -> None:
    """Start one child, tell who it is, wait for it, tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(asked, 1, 3)
    process = os.fork()
    if not process:
        code = 1
        try:
            asked.close()
            os.setsid()
            for place, file in enumerate(files):
                os.dup2(file, place)
                os.close(file)
            child.main()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    for file in files:
        os.close(file)
    asked.sendall(f"{process}\n".encode())
    _, status = os.waitpid(process, 0)
    asked.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    assert crawl
    main(sys.argv[1])
