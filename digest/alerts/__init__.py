"""Alerts between two issues: which, to whom, when, and how they are worded.

    severity    how grave an advisory is, from CVSS or the issuer's words
    match       which rules an article meets, and by which words
    same        whether two advisories are about one matter
    decide      what new articles come to: an alert, an update, nothing; the doctrine is in its head
    audience    to whom, by their wishes and clearance
    pack        in how many messages, and when: quiet hours, a day's limit, many in one
    mail        a message in text and HTML
    feed        what a machine is given: JSON, or CAP 1.2
    hook        posting it, signed, never to an inside address

All but `hook` is pure.
"""
