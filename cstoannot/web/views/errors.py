from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_SENTENCES = {
    400: ("Not understood", "The request is not one that this address understands."),
    403: ("Not allowed", "You may not do this. If you signed in anew, load the page again."),
    404: ("Not found", "There is nothing at this address, or you may not see it."),
    429: ("Too many attempts", "Wait a minute, then try again."),
    500: ("Error on our side", "Something went wrong on our side. It was logged; try again later."),
}


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    title, sentence = _SENTENCES[status]
    return render(
        request, "errors/error.html", {"title": title, "sentence": sentence}, status=status
    )
