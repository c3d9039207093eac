"""Every form that pages send by POST, found on the pages themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from django.test import Client
from django.urls import resolve
from lxml import html

from tests.access.addresses import values
from tests.access.routes import filled, plain, routes
from tests.builders import World

# What a form may hold without anything to type, tick or choose.
NOT_TYPED = {"hidden", "submit", "button", "reset", "password", "file"}


@dataclass(frozen=True)
class Form:
    """A form of a page: where it stands, where it leads, and what can be typed into it."""

    page: str
    action: str
    number: int
    """Its place among the page's forms that are sent by POST."""
    typed: tuple[str, ...]
    """Names of fields in which something is typed, ticked or chosen, each once."""
    sent: dict[str, list[str]]
    """What a browser sends if nothing is changed."""
    dangerous: bool = False
    """Whether its button is marked as one that destroys something."""

    @property
    def name(self) -> str:
        """Of the address that it leads to."""
        return resolve(self.action.partition("?")[0]).url_name or ""

    @property
    def route(self) -> str:
        """Such as `projects/<project>/members/`."""
        return plain(resolve(self.action.partition("?")[0]).route)


def forms_of(client: Client, world: World) -> list[Form]:
    """The forms of every page that this person can open, one for each address and fields."""
    found: dict[tuple[str, tuple[str, ...]], Form] = {}
    for route in routes():
        if not route.startswith(("api/", "admin/")):
            for path in filled(route, values(world)):
                for form in _forms_on(client, path):
                    found.setdefault((form.name, form.typed), form)
    return list(found.values())


def _forms_on(client: Client, path: str) -> Iterator[Form]:
    response = client.get(path)
    is_page = response.status_code == 200 and response["Content-Type"].startswith("text/html")
    if not is_page or not response.content:
        return
    page = html.document_fromstring(response.content)
    for number, form in enumerate(page.xpath("//form[@method='post']")):
        buttons = page.xpath(f"//button[@formaction and @form='{form.get('id', '-')}']")
        actions = {urljoin(path, form.get("action") or path)}
        actions |= {urljoin(path, button.get("formaction")) for button in buttons}
        for action in sorted(actions):
            typed = tuple(dict.fromkeys(_typed_names(form)))
            yield Form(path, action, number, typed, _sent(form), _is_dangerous(form))


def _is_dangerous(form: html.FormElement) -> bool:
    return bool(form.xpath(".//button[contains(@class, 'danger')]"))


def _sent(form: html.FormElement) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def _typed_names(form: html.FormElement) -> Iterator[str]:
    for field in form.inputs:
        kind = field.get("type", "text") if field.tag == "input" else field.tag
        if field.name and kind not in NOT_TYPED:
            yield field.name
