from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):
    """Nobody signs up by themselves: accounts are made by those who run the installation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
