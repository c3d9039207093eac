"""Long lists that are counted as they are read: one page of them."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

LONGEST_NUMBER = 9


class Counted(Protocol):
    @property
    def total(self) -> int: ...


C = TypeVar("C", bound=Counted)


def part_of(request: HttpRequest, read: Callable[[int], C], size: int) -> tuple[C, Page[int]]:
    """The part that the address asks for (`?page=`), read from its offset; past the end, the last.

    Read once, as long as the page asked for exists.
    """
    wanted = request.GET.get("page", "")
    fits = wanted.isdecimal() and len(wanted) <= LONGEST_NUMBER
    number = max(1, int(wanted)) if fits else 1
    found = read((number - 1) * size)
    page = Paginator(range(found.total), size).get_page(number)
    if page.number != number:
        found = read((page.number - 1) * size)
    return found, page
