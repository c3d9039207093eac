from cstoannot.annotations.reader_queries import PROJECTS, READERS, ProjectCache


def test_least_recently_put_views_are_given_up():
    kept = ProjectCache[str]()
    for project in range(PROJECTS + 1):
        kept.put(project, 0, "lead")
    assert [kept.get(project, 0) for project in range(PROJECTS + 1)] == [None, *["lead"] * PROJECTS]


def test_views_of_those_who_lead_push_out_no_other():
    kept = ProjectCache[str]()
    kept.put(1, 7, "annotator")
    kept.put(1, -1, "viewers")
    for project in range(2 * READERS):
        kept.put(project, 0, "lead")
    assert (kept.get(1, 7), kept.get(1, -1)) == ("annotator", "viewers")
