"""The outside world going out: draft an issue, render it, mail it.

    period     which days a quarter covers
    draft      candidates -> Issue           (pure)
    why        the reason an item is there, told in any of the four languages
    quote      how much of a source's text may be shown
    publish    Issue -> checked, then frozen Rendered forms
    render/    HTML mail, plain text, PDF/UA-1
    message    one recipient's mail
    send       the SMTP dialogue, against a ledger

Nothing here knows the archive: `app` hands over values and keeps what comes back.
"""
