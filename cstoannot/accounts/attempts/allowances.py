"""How many attempts to sign in an account, a device and an address have."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Allowance:
    """So many attempts at once, and one more each time that `seconds` have passed."""

    kind: str
    attempts: int
    seconds: float


# Guesses from anywhere: 1,440 a day at most, against passwords that are not common ones.
ACCOUNT = Allowance("account", attempts=5, seconds=60)
# The account's own people, on a device on which they have signed in before.
DEVICE = Allowance("device", attempts=10, seconds=10)


def allowance_of_address() -> Allowance:
    """A whole class signs in from one address, and mistypes."""
    return Allowance("address", attempts=settings.SIGN_IN_FAILURES, seconds=1)
