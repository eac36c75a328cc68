"""Reads the forms out of pages: where each is sent, and what it would send as it stands."""

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Final

Fields = dict[str, str]
_TEXTS: Final = frozenset({"input", "textarea"})


class Forms(HTMLParser):
    """The forms of pages, by the address that each is sent to."""

    def __init__(self) -> None:
        super().__init__()
        self.by_address: dict[str, Fields] = {}
        self._named: dict[str, str] = {}
        self._address: str | None = None
        self._select: tuple[str, str] | None = None

    @classmethod
    def on(cls, pages: Iterable[str]) -> dict[str, Fields]:
        """Give the forms of all the pages."""
        found = cls()
        for text in pages:
            found._named.clear()
            found.feed(text)
            found.close()
            found.reset()
        return found.by_address

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or what it sends."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._address = given.get("action", "")
            self._named[given.get("id", "")] = self._address
            self.by_address.setdefault(self._address, {})
            return
        address = self._named.get(given.get("form", ""), self._address)
        if tag == "button" and address is not None and "formaction" in given:
            self.by_address[given["formaction"]] = self.by_address[address]
        name = given.get("name", "")
        if tag in {*_TEXTS, "button"} and name and address is not None:
            self.by_address[address].setdefault(name, given.get("value", ""))
        elif tag == "select" and name and address is not None:
            self._select = (address, name)
            self.by_address[address].setdefault(name, "")
        elif tag == "option" and self._select is not None and given.get("value"):
            address, name = self._select
            self.by_address[address][name] = self.by_address[address][name] or given["value"]

    def handle_endtag(self, tag: str) -> None:
        """Leave a form or a list of choices."""
        if tag == "form":
            self._address = None
        elif tag == "select":
            self._select = None
