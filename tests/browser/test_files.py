"""The widget's files: small, and free of what the policies forbid."""

import gzip
import re

import pytest

from tests.browser.site import WEB

WIDGET = [WEB / "widget.js", WEB / "shared" / "tokens.css", *sorted((WEB / "widget").iterdir()), *sorted((WEB / "strings").iterdir())]
LIMIT = 50 * 1024


def test_everything_that_the_widget_may_load_is_under_50_kilobytes():
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in WIDGET) < LIMIT


@pytest.mark.parametrize(
    "forbidden",
    [r"innerHTML", r"outerHTML", r"insertAdjacentHTML", r"document\.write", r"\beval\(", r"new Function", r"localStorage", r"indexedDB",
     r"document\.cookie", r'setAttribute\("style"', r"style:", r"javascript:"],
)
def test_no_file_of_the_widget_uses(forbidden: str):
    assert [path.name for path in WIDGET if path.suffix == ".js" and re.search(forbidden, path.read_text())] == []


def test_pages_have_nothing_inline_and_nothing_from_elsewhere():
    for page in [*(WEB / "pages").glob("*.html"), *(WEB / "gallery").glob("*.html")]:
        html = page.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", html), page.name
        assert re.findall(r'(?:src|<link[^>]*href)="(?!/)', html) == [], page.name


def test_styles_and_scripts_load_nothing_from_elsewhere():
    for path in [*WIDGET, *(WEB / "pages").glob("*.css")]:
        if path.suffix == ".css":
            assert re.findall(r"url\((?!\"?/web/)", path.read_text()) == [], path.name
        if path.suffix == ".js":
            assert re.findall(r'from "(?!\./)', path.read_text()) == [], path.name
