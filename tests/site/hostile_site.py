"""A site of pages and scenarios that a stranger sent in, each place of them filled with what would run if it could."""

from __future__ import annotations

import json
from pathlib import Path

VALUES = (
    "<script>pwn(1)</script>",
    "<ScRiPt>pwn(2)</sCrIpT>",
    "</script><script>pwn(3)</script>",
    "<!--<script>pwn(4)</script>-->",
    "--><script>pwn(5)</script>",
    "</title><script>pwn(6)</script>",
    "</noscript><script>pwn(7)</script>",
    "</style><script>pwn(8)</script>",
    "</svg><script>pwn(9)</script>",
    "]]><script>pwn(10)</script>",
    "<img src=x onerror=pwn(11)>",
    "<img/src/onerror=pwn(12)>",
    "<svg onload=pwn(13)>",
    "<svg><script>pwn(14)</script></svg>",
    "<svg><animate onbegin=pwn(15) attributeName=x dur=1s>",
    "<body onload=pwn(16)>",
    "<details open ontoggle=pwn(17)>",
    "<input autofocus onfocus=pwn(18)>",
    "<iframe srcdoc='<script>parent.pwn(19)</script>'></iframe>",
    "<iframe src=javascript:parent.pwn(20)></iframe>",
    "<object data=javascript:pwn(21)></object>",
    "<embed src=javascript:pwn(22)>",
    "<form action=javascript:pwn(23)><button autofocus>x</button></form>",
    "<meta http-equiv=refresh content=0;url=javascript:pwn(24)>",
    "<base href=//example.org/>",
    "<link rel=stylesheet href=//example.org/x.css>",
    "<style>@import '//example.org/y.css';</style>",
    '" onmouseover="pwn(25)" x="',
    "' onmouseover='pwn(26)' x='",
    '"><img src=x onerror=pwn(27)>',
    "'><img src=x onerror=pwn(28)>",
    "[x](javascript:pwn(29))",
    "[x](JaVaScRiPt&colon;pwn(30))",
    "[x](data:text/html,<script>pwn(31)</script>)",
    "![x](x){: onerror=pwn(32) }",
    "words {: onclick=pwn(33) }",
    "[x]: javascript:pwn(34)",
    "<javascript:pwn(35)>",
    "&lt;script&gt;pwn(36)&lt;/script&gt;",
    "\\<script>pwn(37)\\</script>",
    "`<script>pwn(38)</script>",
    "<a href=javascript:pwn(39)>x</a>",
    "<math><a xlink:href=javascript:pwn(40)>x</a></math>",
    "${pwn(41)}",
    "<raft-stepper><script>pwn(42)</script></raft-stepper>",
)

TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ page.title }}</title>
{% for path in config.extra_css %}<link rel="stylesheet" href="{{ path|url }}">
{% endfor %}{% for script in config.extra_javascript %}{{ script|script_tag }}
{% endfor %}</head>
<body><main><article>{{ page.content }}</article></main></body>
</html>
"""
"""A theme that has no script of its own, so that whatever breaks the policy comes from the content."""

SCENARIO_PARTS = {
    "words": ("title", "summary", "step title", "say", "why"),
    "name": ("name",),
    "command": ("command",),
    "client": ("client",),
    "node": ("node",),
}
"""What of a scenario is hostile at the same time: where one part is refused, nothing is seen of the others."""

FENCE_PARTS = ("src", "id", "heading", "beside", "option", "exhibit", "key", "list")


def write_hostile_site(folder: Path) -> list[str]:
    """Pages on which every value stands once in each part of a scenario or a fence; their addresses."""
    docs, theme = folder / "docs", folder / "theme"
    docs.mkdir()
    theme.mkdir()
    (theme / "main.html").write_text(TEMPLATE, encoding="utf-8")
    (theme / "404.html").write_text(TEMPLATE, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(
        "site_name: Hostile\ntheme: {name: null, custom_dir: theme}\nplugins: [raft]\n"
        "markdown_extensions: [attr_list, md_in_html, tables]\n",
        encoding="utf-8",
    )
    (docs / "index.md").write_text("# Hostile\n", encoding="utf-8")
    pages = {name: write_scenario_page(name, parts) for name, parts in SCENARIO_PARTS.items()}
    pages["fences"] = "\n".join(write_fences(part) for part in FENCE_PARTS)
    for name, text in pages.items():
        (docs / f"{name}.md").write_text(text, encoding="utf-8")
    return [f"{name}/" for name in pages]


def write_scenario_page(name: str, parts: tuple[str, ...]) -> str:
    """A scenario for each value, which stands in all of these parts.

    The scenarios are JSON, which is YAML too, so that no value can leave its place.
    """
    fences = []
    for number, value in enumerate(VALUES):
        put = dict.fromkeys(parts, value)
        node = put.get("node", "S1")
        steps = [
            {
                "name": put.get("name", "Start"),
                "title": put.get("step title", "Three followers"),
                "when": "start",
                "say": put.get("say", "No one leads."),
                "why": put.get("why", "Nobody has waited long enough."),
            },
            {"name": "Sent", "title": "Sent", "when": "request", "say": "It is {{ leader.log[-1] }}.", "after_ms": 4},
        ]
        request: dict[str, object] = {"node": "leader", "command": put.get("command", "x=1")}
        if "client" in put:
            request |= {"client": value.replace(" ", "/")[:12], "serial": 1}  # one word of at most 12 letters
        scenario = {
            "title": put.get("title", "Three nodes"),
            "summary": put.get("summary", "Three nodes elect a leader."),
            "nodes": [node, "S2", "S3"],
            "seed": 7,
            "until_ms": 900,
            "happens": [{"at_ms": 600, "client": request}],
            "steps": steps if {"command", "client"} & set(put) else steps[:1],
        }
        fences.append(f'```raft id="a{number}"\n{json.dumps(scenario)}\n```\n')
    return f"# {name}\n\n" + "\n".join(fences)


def write_fences(part: str) -> str:
    """A fence for each value in its options, its name or its lines."""
    fences = []
    for value in VALUES:
        quoted = value.replace('"', "'")
        fences.append(
            {
                "exhibit": f"```raft-exhibit {value.replace('`', '')}\n```\n",
                "option": f"```raft {value.replace('`', '')}\n```\n",
                "key": f"```raft\n{value}: 1\n```\n",
                "list": f"```raft\n- {value}\n```\n",
            }.get(part, f'```raft {part}="{quoted.replace("`", "")}"\n```\n')
        )
    return f"# {part}\n\n" + "\n".join(fences)
