"""Fetching from a server that does what servers do, by both ways: libcurl and Scrapy."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import psutil
import pytest

from collectors import frames, outcome
from collectors import transfer as transfers
from collectors.child import for_pages
from collectors.fetch import fetch
from collectors.frames import FrameWriter
from collectors.transfer import transfer
from vigie.model import FailureKind, Fetched, FetchJob, Limits

LIMITS = Limits(
    seconds=1.5, max_bytes=2_000_000, delay=0, per_host=16, allow_inside=("127.0.0.1/32",)
)
# path, kind of failure, words of its detail, status
FAULTS = [
    ("/404", FailureKind.HTTP, "404 Not Found", 404),
    ("/429", FailureKind.HTTP, "429 Too Many Requests", 429),
    ("/503", FailureKind.HTTP, "503 Service Unavailable", 503),
    ("/299", FailureKind.HTTP, "799", 799),
    ("/unasked-304", FailureKind.HTTP, "304 Not Modified", 304),
    ("/hang", FailureKind.TIMEOUT, "no answer within 1.5 s", 0),
    ("/drip", FailureKind.TIMEOUT, "bytes within 1.5 s", 0),
    ("/endless", FailureKind.TOO_LARGE, "more than 2000000 bytes", 0),
    ("/large", FailureKind.TOO_LARGE, "more than 2000000 bytes", 0),
    ("/bomb", FailureKind.TOO_LARGE, "more than 2000000 bytes once decompressed", 200),
    ("/bad-gzip", FailureKind.MALFORMED, "broken compression", 200),
    ("/circle", FailureKind.REDIRECTS, "in a circle: /circle -> /circle-2 -> /circle", 0),
    ("/long-way", FailureKind.REDIRECTS, "more than 5 redirects", 0),
    ("/to-metadata", FailureKind.INSIDE, "169.254.169.254", 0),
    ("/to-localhost", FailureKind.INSIDE, "127.0.0.9", 0),
    ("/to-file", FailureKind.REDIRECTS, "no web address: file:///etc/passwd", 0),
    ("/cut", FailureKind.CONNECT, "before the whole body", 0),
    ("/not-http", FailureKind.CONNECT, "not HTTP", 0),
]


@pytest.fixture(params=["feed", "page"], ids=["libcurl", "scrapy"])
def accept(request: pytest.FixtureRequest) -> str:
    """What is asked for, and by that the way in which it is fetched."""
    return str(request.param)


def one(server: Any, path: str, accept: str, limits: Limits = LIMITS, **more: str) -> Fetched:
    (fetched,) = fetch([FetchJob("k", server.url(path), accept=accept, **more)], limits)
    return fetched


def asked(server: Any) -> list[tuple[str, dict[str, str]]]:
    """Path and headers of each request, but for robots.txt, which pages ask for first."""
    return [(path, headers) for path, headers in server.seen if path != "/robots.txt"]


def paths(server: Any) -> list[str]:
    return [path for path, _ in asked(server)]


def test_faults_are_named_and_harm_no_other(server: Any, accept: str) -> None:
    jobs = [FetchJob(path, server.url(path), accept=accept) for path, *_ in FAULTS]
    jobs.insert(9, FetchJob("good", server.url("/feed"), accept=accept))
    started = time.monotonic()
    found = {fetched.key: fetched for fetched in fetch(jobs, replace(LIMITS, concurrency=32))}
    assert time.monotonic() - started < 15
    assert set(found) == {job.key for job in jobs}
    good = found.pop("good")
    assert good.failure is None
    assert b"Premier" in good.body
    for path, kind, detail, status in FAULTS:
        failure = found[path].failure
        assert failure is not None, path
        said = failure.detail.replace(server.url("/circle"), "/circle")
        assert failure.kind is kind, (path, failure)
        assert detail in said, path
        assert found[path].status == status, path
        assert found[path].body == b""
        assert found[path].url == server.url(path)
        assert found[path].at.tzinfo is UTC
    assert found["/429"].retry_after == 120
    assert 6000 < (found["/503"].retry_after or 0) <= 7200  # a date two hours after the start
    # "/cut" is asked twice, "/feed" by "good" alone and never through the refused redirects
    assert paths(server).count("/feed") == 1
    assert paths(server).count("/cut") == 2
    assert paths(server).count("/long-way?step=") <= 6


def test_a_plain_answer(server: Any, accept: str) -> None:
    fetched = one(server, "/feed", accept)
    assert fetched.status == 200
    assert fetched.final_url == server.url("/feed")
    assert fetched.content_type == "application/rss+xml"
    assert 0 < fetched.seconds < 1.5
    assert not fetched.moved_to
    path, headers = asked(server)[0]
    assert path == "/feed"
    assert headers["user-agent"] == "Vigie"
    assert {"feed": "rss+xml", "page": "html"}[accept] in headers["accept"]
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "cookie" not in headers


def test_compressed(server: Any, accept: str) -> None:
    jobs = [FetchJob("k", server.url(path), accept=accept) for path in ("/gzip", "/deflate")]
    for fetched in fetch(jobs, LIMITS):
        assert b"Premier" in fetched.body


def test_validators_go_back_as_they_came(server: Any, accept: str) -> None:
    first = one(server, "/304", accept)
    assert first.status == 200
    again = one(
        server, "/304", accept, etag=first.etag, last_modified="Thu, 01 Jan 2026 00:00:00 GMT"
    )
    assert again.not_modified
    assert again.failure is None
    assert asked(server)[1][1]["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_a_validator_cannot_smuggle_headers(server: Any, accept: str) -> None:
    fetched = one(server, "/304", accept, etag='"x"\r\nX-Evil: 1')
    assert fetched.status == 200
    assert "x-evil" not in asked(server)[0][1]


def test_redirects_are_followed_and_moves_reported(server: Any, accept: str) -> None:
    expected = {"/moved": "/feed", "/moved-then-found": "/to-feed", "/to-feed": ""}
    for fetched in fetch(
        [FetchJob(path, server.url(path), accept=accept) for path in expected], LIMITS
    ):
        assert b"Premier" in fetched.body
        assert fetched.final_url == server.url("/feed")
        moved_to = expected[fetched.key]
        assert fetched.moved_to == (server.url(moved_to) if moved_to else "")


def test_time_is_counted_over_all_redirects(server: Any, accept: str) -> None:
    limits = replace(LIMITS, seconds=0.8)
    started = time.monotonic()
    (fetched,) = fetch([FetchJob("k", server.url("/hang"), accept=accept)], limits)
    assert fetched.failure is not None
    assert fetched.failure.detail == "no answer within 0.8 s"
    assert 0.7 < fetched.seconds < 2
    assert time.monotonic() - started < 10


NEVER_ASKED = {
    "http://127.0.0.1:{port}/feed": FailureKind.INSIDE,
    "http://localhost:{port}/feed": FailureKind.INSIDE,
    "http://[::1]:{port}/feed": FailureKind.INSIDE,
    "http://[::ffff:127.0.0.1]:{port}/feed": FailureKind.INSIDE,
    "http://2130706433:{port}/feed": FailureKind.INSIDE,
    "http://0x7f.1:{port}/feed": FailureKind.INSIDE,
    "http://0:{port}/feed": FailureKind.INSIDE,
    "http://0177.0.0.1:{port}/feed": FailureKind.INSIDE,
    "http://[64:ff9b::7f00:1]:{port}/feed": FailureKind.INSIDE,
    "http://a:b@127.0.0.1:{port}/feed": FailureKind.CONNECT,
    "http://169.254.169.254/latest/meta-data/": FailureKind.INSIDE,
    "http://name.invalid/feed": FailureKind.DNS,
    "file:///etc/passwd": FailureKind.CONNECT,
    "ftp://example.fr/": FailureKind.CONNECT,
    "http://": FailureKind.CONNECT,
    "http://[::1": FailureKind.CONNECT,
    "http://127.0.0.1:99999/": FailureKind.CONNECT,
    "nothing": FailureKind.CONNECT,
}


def test_addresses_never_asked(server: Any, accept: str) -> None:
    limits = replace(LIMITS, allow_inside=(), seconds=10)
    jobs = [FetchJob(url, url.format(port=server.port), accept=accept) for url in NEVER_ASKED]
    for fetched in fetch(jobs, limits):
        assert fetched.failure is not None
        assert fetched.failure.kind is NEVER_ASKED[fetched.key], fetched
    assert asked(server) == []


def test_proxies_of_the_environment_are_ignored(
    server: Any, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert one(server, "/feed", accept).failure is None


def test_a_refused_connection(accept: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        (fetched,) = fetch([FetchJob("k", url, accept=accept)], LIMITS)
    assert fetched.failure is not None
    assert fetched.failure.kind is FailureKind.CONNECT
    assert "refused" in fetched.failure.detail


def test_tls_must_be_trusted(server: Any, accept: str) -> None:
    (fetched,) = fetch(
        [FetchJob("k", f"https://127.0.0.1:{server.tls_port}/feed", accept=accept)], LIMITS
    )
    assert fetched.failure is not None
    assert fetched.failure.kind is FailureKind.TLS


def test_pages_obey_robots_and_feeds_do_not(server: Any) -> None:
    jobs = [
        FetchJob("page", server.url("/private"), accept="page"),
        FetchJob("feed", server.url("/private")),
        FetchJob("allowed", server.url("/feed"), accept="page"),
    ]
    found = {fetched.key: fetched for fetched in fetch(jobs, LIMITS)}
    refused = found["page"].failure
    assert refused is not None
    assert refused.kind is FailureKind.ROBOTS
    assert found["feed"].failure is None
    assert found["allowed"].failure is None
    assert server.paths().count("/robots.txt") == 1
    assert server.paths().count("/private") == 1


def test_each_host_and_each_source_is_asked_in_one_way() -> None:
    jobs = [
        FetchJob("a", "https://one.fr/feed"),
        FetchJob("b", "https://two.fr/liste", accept="page"),
        FetchJob("c", "https://two.fr/feed"),
        FetchJob("c", "https://three.fr/feed", step=1),
        FetchJob("d", "https://THREE.fr/robots.txt", accept="any"),
        FetchJob("e", "http://[::1"),
    ]
    assert sorted(for_pages(dict(enumerate(jobs)))) == [1, 2, 3, 4]
    assert for_pages({0: jobs[0], 5: jobs[5]}) == {}


def test_pages_and_feeds_are_fetched_at_once(server: Any) -> None:
    elsewhere = f"http://localhost:{server.port}"
    jobs = [FetchJob(f"page{n}", server.url(f"/feed?{n}"), accept="page") for n in range(3)]
    jobs += [FetchJob(f"feed{n}", f"{elsewhere}/feed?{n}") for n in range(3)]
    jobs.append(FetchJob("hangs", f"{elsewhere}/hang"))
    found = {fetched.key: fetched for fetched in fetch(jobs, LIMITS)}
    hangs = found.pop("hangs").failure
    assert hangs is not None
    assert hangs.kind is FailureKind.TIMEOUT
    assert len(found) == 6
    assert all(b"Premier" in fetched.body for fetched in found.values())
    accepted = {headers["host"]: headers["accept"] for _, headers in asked(server)}
    assert "html" in accepted[f"127.0.0.1:{server.port}"]
    assert "rss+xml" in accepted[f"localhost:{server.port}"]


def test_jobs_of_one_key_get_an_outcome_each(server: Any) -> None:
    jobs = [FetchJob("k", server.url(path)) for path in ("/feed", "/404", "/feed")]
    assert sorted(fetched.status for fetched in fetch(jobs, LIMITS)) == [200, 200, 404]


def test_no_jobs_no_child() -> None:
    assert list(fetch([], LIMITS)) == []


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if "collectors.child" in child.cmdline():
                found.append(child)
        except psutil.Error:  # it has just ended
            continue
    return found


def test_closing_ends_the_child(server: Any) -> None:
    answers = fetch(
        [FetchJob("a", server.url("/feed")), FetchJob("b", server.url("/hang"))], LIMITS
    )
    assert next(answers).key == "a"
    (child,) = children()
    answers.close()  # type: ignore[attr-defined]  # a generator behind its Iterator
    assert not psutil.pid_exists(child.pid)


def test_a_killed_child_costs_only_what_it_had_not_answered(server: Any) -> None:
    jobs = [FetchJob("a", server.url("/feed"))]
    jobs += [FetchJob(f"b{number}", server.url("/hang")) for number in range(3)]
    answers = fetch(jobs, replace(LIMITS, seconds=60))
    assert next(answers).failure is None
    (child,) = children()
    child.kill()
    rest = list(answers)
    assert {fetched.key for fetched in rest} == {"b0", "b1", "b2"}
    for fetched in rest:
        assert fetched.failure is not None
        assert fetched.failure.kind is FailureKind.CRASHED
        assert "signal 9" in fetched.failure.detail


def test_the_child_ends_with_a_killed_parent(server: Any) -> None:
    script = (
        "from collectors.fetch import fetch; from vigie.model import *\n"
        f"jobs = [FetchJob('a', {server.url('/feed')!r}), FetchJob('b', {server.url('/hang')!r})]\n"
        "for f in fetch(jobs, Limits(seconds=60, allow_inside=('127.0.0.0/8',))):\n"
        "    print(f.key, flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"a\n"
    (child,) = psutil.Process(parent.pid).children(recursive=True)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_many_large_bodies_stay_within_little_memory(server: Any, accept: str) -> None:
    """Sixty bodies of nearly the limit, read slowly: nothing piles up on either side."""
    jobs = [FetchJob(str(number), server.url("/almost"), accept=accept) for number in range(60)]
    limits = replace(LIMITS, seconds=20)
    peak = 0
    count = 0
    for fetched in fetch(jobs, limits):
        assert fetched.failure is None
        count += 1
        (child,) = children() or [None]
        peak = max(peak, child.memory_info().rss if child else 0)
        time.sleep(0.005)
    assert count == 60
    assert peak < 220_000_000  # a backlog of them would be 600 MB


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert outcome.retry_after(value, now) == seconds


def test_every_trick_ends_within_the_budget_and_holds_up_no_other(server: Any, accept: str) -> None:
    """Drips in the head, in the body, in redirects, TLS that never speaks: 1.5 s each, at once."""
    tricks = ["/hang", "/drip", "/endless-head", "/slow-way", "/drip?2", "/hang?2"]
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        jobs = [FetchJob(path, server.url(path), accept=accept) for path in tricks]
        if accept == "feed":  # a page's host is asked for robots.txt first, in a time of its own
            jobs.append(FetchJob("tls", f"https://127.0.0.1:{mute.getsockname()[1]}/"))
        jobs.append(FetchJob("good", server.url("/feed"), accept=accept))
        arrived = {}
        started = time.monotonic()
        for fetched in fetch(jobs, LIMITS):
            arrived[fetched.key] = time.monotonic() - started
            if fetched.key == "good":
                assert fetched.failure is None
            else:
                assert fetched.failure is not None
                assert fetched.failure.kind is FailureKind.TIMEOUT, fetched
                assert fetched.seconds < 2
    assert arrived["good"] == min(arrived.values())
    assert max(arrived.values()) - arrived["good"] < 4


def test_a_server_that_stumbles_is_asked_once_more_and_no_more(server: Any, accept: str) -> None:
    assert one(server, "/500-once", accept).failure is None
    assert one(server, "/500", accept).status == 500
    assert paths(server) == ["/500-once"] * 2 + ["/500"] * 2
    assert one(server, "/503", accept).status == 503
    assert paths(server).count("/503") == 1


def test_a_job_may_have_a_smaller_budget_of_its_own(server: Any, accept: str) -> None:
    (fetched,) = fetch([FetchJob("k", server.url("/hang"), accept=accept, seconds=0.3)], LIMITS)
    assert fetched.seconds < 1


def test_what_an_answer_says_of_itself(server: Any, accept: str) -> None:
    fetched = one(server, "/told", accept)
    assert (fetched.fresh_for, fetched.tdm, fetched.tdm_policy) == (600, "1", "https://a.fr/p")
    assert one(server, "/feed", accept).fresh_for is None


SECRET = "Basic cGVyc29ubmU6bW90LWRlLXBhc3Nl"


@pytest.mark.parametrize(
    ("path", "given"),
    [("/feed", [SECRET]), ("/moved", [SECRET] * 3), ("/to-name", [SECRET, None])],
)
def test_a_credential_goes_to_its_own_host_only(
    server: Any, accept: str, path: str, given: list
) -> None:
    limits = replace(LIMITS, allow_inside=("127.0.0.1/32", "::1/128"))
    url = server.url(path)
    (fetched,) = fetch([FetchJob("k", url, accept=accept, auth=SECRET, auth_for=url)], limits)
    assert [headers.get("authorization") for _, headers in asked(server)] == given
    assert SECRET not in repr(fetched)


def test_a_credential_stays_out_of_another_sources_requests(server: Any, accept: str) -> None:
    elsewhere = server.url("/feed").replace("127.0.0.1", "localhost")
    list(
        fetch(
            [FetchJob("k", server.url("/feed"), accept=accept, auth=SECRET, auth_for=elsewhere)],
            LIMITS,
        )
    )
    assert [headers.get("authorization") for _, headers in asked(server)] == [None]


def test_an_address_with_a_users_name_is_no_redirect(server: Any, accept: str) -> None:
    fetched = one(server, "/to-user", accept)
    assert fetched.failure is not None
    assert fetched.failure.kind is FailureKind.REDIRECTS
    assert "secret" not in repr(fetched)


REBINDING = """
import json, socket, sys
asked = []
answers = {
    "mixed.test": [["127.0.0.9", "127.0.0.1"]],
    "rebind.test": [["127.0.0.1"], ["127.0.0.9"]],
    "inside.test": [["127.0.0.9"]],
}
def resolve(host, port, family=0, kind=0, *more):
    asked.append(host)
    turn = answers[host]
    found = turn.pop(0) if len(turn) > 1 else turn[0]
    return [(socket.AF_INET, kind or socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]
socket.getaddrinfo = resolve
from collectors.crawl import crawl
from collectors.frames import FrameWriter
from vigie.model import FetchJob, Limits
port = int(sys.argv[1])
jobs = [FetchJob(h, f"http://{h}:{port}/feed") for h in answers]
jobs.append(FetchJob("redirected", f"http://rebind.test:{port}/to-inside-name"))
limits = Limits(seconds=3, delay=0, allow_inside=("127.0.0.1/32",))
crawl(dict(enumerate(jobs)), limits, FrameWriter(sys.stdout.buffer))
sys.stdout.flush()
print(json.dumps(asked), file=sys.stderr)
"""


def test_scrapy_connects_to_the_address_that_was_checked(server: Any) -> None:
    """A resolver whose second answer is an inside address finds nobody who asks it twice."""
    with socket.socket() as inside:
        inside.bind(("127.0.0.9", server.port))
        inside.listen()
        inside.settimeout(0.1)
        done = subprocess.run(
            [sys.executable, "-c", REBINDING, str(server.port)],
            capture_output=True,
            timeout=60,
            check=True,
        )
        with pytest.raises(TimeoutError):
            inside.accept()
    kinds = {fetched.key: fetched.failure for fetched in frames_of(done.stdout)}
    assert kinds["mixed.test"] is None
    assert kinds["rebind.test"] is None
    for refused in ("inside.test", "redirected"):
        failure = kinds[refused]
        assert failure is not None
        assert failure.kind is FailureKind.INSIDE
        assert "127.0.0.9" in failure.detail
    asked = json.loads(done.stderr.decode().splitlines()[-1])
    assert asked.count("rebind.test") == 1


# Names, and the addresses to which the DNS leads, at the first and at later look-ups.
NAMES = {
    "mixed.test": [["127.0.0.9", "127.0.0.1"]],
    "rebind.test": [["127.0.0.1"], ["127.0.0.9"]],
    "inside.test": [["127.0.0.9"]],
    "mapped.test": [["::ffff:127.0.0.9"]],
    "nat64.test": [["64:ff9b::7f00:9"]],
    "6to4.test": [["2002:7f00:9::1"]],
    "teredo.test": [["2001:0:7f00:9::1"]],
    "site.test": [["fec0::1"]],
    "private.test": [["fd00::1"]],
    "metadata.test": [["169.254.169.254"]],
    "xn--9ca.test": [["127.0.0.9"]],
}


def test_libcurl_connects_to_the_address_that_was_checked(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a socket is asked for is what is judged; no name is looked up twice."""
    looked_up: list[str] = []

    def resolve(host: str, *more: Any, **named: Any) -> list[Any]:
        turn = NAMES[host][looked_up.count(host) :] or NAMES[host][-1:]
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in turn[0]]

    jobs = [FetchJob(name, f"http://{name}:{server.port}/feed") for name in NAMES]
    jobs.append(FetchJob("redirected", f"http://rebind.test:{server.port}/to-inside-name"))
    jobs.append(FetchJob("a name", f"http://é.test:{server.port}/feed"))
    limits = Limits(seconds=3, delay=0, per_host=1, allow_inside=("127.0.0.1/32",))
    stream = BytesIO()
    with socket.socket() as inside:
        inside.bind(("127.0.0.9", server.port))
        inside.listen()
        inside.settimeout(0.1)
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        transfer(dict(enumerate(jobs)), limits, FrameWriter(stream))
        with pytest.raises(TimeoutError):
            inside.accept()
    failures = {fetched.key: fetched.failure for fetched in frames_of(stream.getvalue())}
    assert failures.pop("mixed.test") is None
    assert failures.pop("rebind.test") is None
    assert len(failures) == len(jobs) - 2
    for key, failure in failures.items():
        assert failure is not None, key
        assert failure.kind is FailureKind.INSIDE, (key, failure)
    assert sorted(paths(server)) == ["/feed", "/feed", "/to-inside-name"]
    assert sorted(looked_up) == sorted(NAMES)


def test_libcurl_gets_no_socket_for_an_inside_address(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last gate holds by itself, whoever has looked up the name."""
    monkeypatch.setattr(transfers, "is_inside", lambda *_: False)
    jobs = {0: FetchJob("k", f"http://localhost:{server.port}/feed")}
    stream = BytesIO()
    transfer(jobs, Limits(seconds=3), FrameWriter(stream))
    (fetched,) = frames_of(stream.getvalue())
    assert fetched.failure is not None
    assert fetched.failure.kind is FailureKind.INSIDE
    assert server.seen == []


def test_names_that_hang_hold_up_no_others(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def resolve(host: str, *more: Any, **named: Any) -> list[Any]:
        if host.startswith("slow"):
            ended.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    hosts = [*(f"slow{number}.test" for number in range(6)), "quick.test"]
    jobs = {n: FetchJob(host, f"http://{host}:{server.port}/feed") for n, host in enumerate(hosts)}
    limits = Limits(seconds=0.5, delay=0, concurrency=3, allow_inside=("127.0.0.1/32",))
    stream = BytesIO()
    started = time.monotonic()
    transfer(jobs, limits, FrameWriter(stream))
    ended.set()
    assert time.monotonic() - started < 5
    found = {one.key: one for one in frames_of(stream.getvalue())}
    assert found.pop("quick.test").failure is None
    for one in found.values():
        assert one.failure is not None
        assert one.failure.detail == "no answer within 0.5 s"


def frames_of(data: bytes) -> list[Fetched]:
    found = []
    while data:
        (length,) = frames.PREFIX.unpack(data[:4])
        _, fetched, size = frames.read_header(data[4 : 4 + length])
        found.append(fetched)
        data = data[4 + length + size :]
    return found


def test_what_one_source_leads_to_shares_one_budget(server: Any, accept: str) -> None:
    limits = replace(LIMITS, seconds=10.0, per_host=1, delay=0.0)
    jobs = [
        FetchJob("a", server.url(f"/hang?{number}"), step=1, seconds=0.5) for number in range(4)
    ]
    jobs.append(FetchJob("b", server.url("/feed"), step=1, seconds=0.5))
    if accept == "page":  # a page of the same host makes it Scrapy's
        jobs.append(FetchJob("page", server.url("/404"), accept="page"))
    start = time.monotonic()
    found = [one for one in fetch(jobs, limits) if one.key != "page"]
    assert time.monotonic() - start < 8
    assert {one.failure.kind for one in found if one.failure} == {FailureKind.TIMEOUT}
    assert [(one.key, one.step) for one in found if not one.failure] == [("b", 1)]
    assert (
        sum("hang" in path for path in paths(server)) <= 2
    )  # what had nothing left was not even asked


def test_what_one_source_leads_to_shares_its_bytes(server: Any, accept: str) -> None:
    limits = replace(LIMITS, per_host=1, max_bytes=4_000_000)
    jobs = [
        FetchJob("a", server.url(f"/almost?{number}"), accept=accept, step=1, max_bytes=4_000_000)
        for number in range(4)
    ]
    found = list(fetch(jobs, limits))
    assert sum(len(one.body) for one in found) == 2 * 1_900_000
    refused = [one.failure for one in found if one.failure]
    assert [failure.kind for failure in refused] == [FailureKind.TOO_LARGE] * 2
    assert "source" in refused[0].detail
