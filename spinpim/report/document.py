"""One HTML file that needs nothing else: head, style, figures inside."""

from __future__ import annotations

import base64
from pathlib import Path

from spinpim.report.illustrations import Illustration
from spinpim.report.markup import Markup, element

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""The browser itself refuses whatever a hostile file might have brought in."""


def document(title: str, *content: str) -> str:
    """Write a page.

    Parameters
    ----------
    title : str
        Of the window.
    *content : str
        Escaped unless it is `Markup`.

    Returns
    -------
    str
        HTML with style inside; no scripts, no outside resources.
    """
    style = Markup((Path(__file__).parent / "page.css").read_text(encoding="utf-8"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title} – spinpim"),
        element("style", style),
    )
    body = element("body", element("main", element("p", "spinpim report", class_="kind"), *content))
    whole = "<!DOCTYPE html>\n" + element("html", head, body, lang="en") + "\n"
    # A path may hold bytes that are no text; the file must still be sound UTF-8.
    return whole.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


def figure(number: int, one: Illustration) -> Markup:
    """Write a figure with its words."""
    # As an image of its own: the names inside one picture cannot clash with those of another.
    data = base64.b64encode(one.svg.encode("utf-8")).decode("ascii")
    picture = element("img", src=f"data:image/svg+xml;base64,{data}", alt=one.alternative)
    words = one.caption.replace(" %", "\xa0%")
    caption = element("figcaption", element("strong", f"Figure {number}. {one.title}"), " ", words)
    return element("figure", picture, caption)
