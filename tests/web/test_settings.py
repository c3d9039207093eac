from cstoannot.projects.actions import change_project
from cstoannot.projects.scope import open_projects
from tests.web.pages import errors_of, text_of


def posted(**changes):
    plain = {"name": "Alliances", "visibility": "own", "agreed_bounds": "sentence", "version": 1}
    return {**plain, "results": "closed", **changes}


def test_who_sees_results(world, lead, at):
    typed = {"results": "link", "whole_articles": "on", "decisions_opened": "on"}
    lead.post(at("settings/"), posted(**typed))
    project = world.scope(world.alice).project
    assert (project.results, project.whole_articles, project.decisions_opened) == (
        "link",
        True,
        True,
    )
    assert "who reads the results" in text_of(lead.get(at("history/")))


def test_change(world, lead, at):
    typed = posted(about="About\r\nit", visibility="all", open_sources="on", guidelines="Read.")
    response = lead.post(at("settings/"), typed, follow=True)
    assert "Saved." in text_of(response)
    project = world.scope(world.alice).project
    assert (project.about, project.visibility, project.open_sources, project.version) == (
        "About\nit",
        "all",
        True,
        2,
    )


def test_how_the_team_decides(world, lead, at):
    typed = {"agreed_bounds": "majority", "names_while_deciding": "on", "decide_apart": "on"}
    lead.post(at("settings/"), posted(**typed))
    project = world.scope(world.alice).project
    assert (project.agreed_bounds, project.names_while_deciding, project.decide_apart) == (
        "majority",
        True,
        True,
    )
    words = text_of(lead.get(at("history/")))
    for changed in ("where coders count as agreeing", "whether coders are named"):
        assert changed in words


def test_old_version_shows_both(world, lead, at):
    change_project(world.lead, guidelines="Theirs")
    response = lead.post(at("settings/"), posted(guidelines="Mine"))
    assert "Guidelines Saved version Theirs Your version Mine" in text_of(response)
    assert world.scope(world.alice).project.guidelines == "Theirs"
    lead.post(at("settings/"), posted(guidelines="Mine", version=2))
    assert world.scope(world.alice).project.guidelines == "Mine"


def test_wrong_name(world, lead, at):
    assert list(errors_of(lead.post(at("settings/"), posted(name=" ")))) == ["name"]


def test_version_that_is_none(world, lead, at):
    assert list(errors_of(lead.post(at("settings/"), posted(version="x")))) == ["version"]


def test_delete_asks_for_the_short_name(world, lead, at):
    path = at("settings/delete/")
    assert lead.get(path)["Location"] == at("settings/")
    response = lead.post(path, {"delete-slug": "something"})
    assert "This is not alliances: nothing was deleted." in text_of(response)
    assert lead.get(at()).status_code == 200
    response = lead.post(path, {"delete-slug": "alliances"}, follow=True)
    assert "The project “Alliances” was deleted." in text_of(response)
    assert lead.get(at()).status_code == 404
    assert open_projects(world.bob) == []
    assert f'<form method="post" action="{at("restore/")}" class="undo">' in response.text
    assert "“Alliances” was restored" in lead.post(at("restore/"), follow=True).text
    assert lead.get(at()).status_code == 200


def test_only_for_owners(world, client_for, at):
    for path in ("settings/", "settings/delete/"):
        assert client_for(world.ada).post(at(path), posted()).status_code == 403
        assert client_for(world.bob).get(at(path)).status_code == 403
        assert client_for(world.charlie).get(at(path)).status_code == 404
