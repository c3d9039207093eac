import pytest

from cstoannot.accounts.actions import set_password
from tests.builders import make_user
from tests.web.pages import text_of

PASSWORD = "a long enough secret"


@pytest.fixture
def erin(db):
    user = make_user("erin")
    set_password(user, PASSWORD)
    return user


def test_sign_in_and_out(erin, client):
    page = client.get("/account/login/?next=/account/tokens/")
    assert "Log in" in text_of(page)
    for hidden in ("signup", "sign up", "reset"):
        assert hidden not in page.content.decode().lower()
    sent = {"login": "erin", "password": PASSWORD, "next": "/account/tokens/"}
    assert client.post("/account/login/", sent)["Location"] == "/account/tokens/"
    assert "Your annotations are kept." in text_of(client.get("/account/logout/"))
    client.post("/account/logout/")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "sent", [{"login": "erin", "password": "wrong"}, {"login": "", "password": ""}]
)
def test_wrong_password_is_told(erin, client, sent):
    response = client.post("/account/login/", sent)
    assert response.status_code == 200
    assert "Login failed" in text_of(response)


def test_closed_account_does_not_sign_in(erin, client):
    erin.is_active = False
    erin.save()
    sent = {"login": "erin", "password": PASSWORD}
    response = client.post("/account/login/", sent, follow=True)
    assert "This account is deactivated" in text_of(response)
    assert client.get("/").status_code == 302


def test_change_password(erin, client_for):
    client = client_for(erin)
    sent = {"oldpassword": "wrong", "password1": PASSWORD + "!", "password2": PASSWORD + "!"}
    assert "was not changed" in text_of(client.post("/account/password/", sent))
    response = client.post("/account/password/", {**sent, "oldpassword": PASSWORD}, follow=True)
    assert response.status_code == 200
    erin.refresh_from_db()
    assert erin.check_password(PASSWORD + "!")


def test_nobody_signs_up_or_resets(client, db):
    for path in ("signup", "password/reset", "email", "3rdparty"):
        assert client.get(f"/account/{path}/").status_code == 404
