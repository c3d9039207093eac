"""Names of nodes in a figure: within it, and over each other and lines as little as can be."""

from cstoannot.web.figures.label_placement import LayoutBox, place_labels

WHOLE = LayoutBox(0, 0, 400, 300)


def node(x, y):
    return LayoutBox(x - 5, y - 5, x + 5, y + 5)


def test_name_stands_below_where_nothing_is_in_the_way():
    (label,) = place_labels([node(200, 150)], [["Name"]], [], within=WHOLE)
    assert (label.x, label.anchor, label.lines) == (200, "middle", ["Name"])
    assert label.y > 155


def test_name_turns_from_a_line_below_it():
    line = ((200.0, 150.0), (200.0, 290.0))
    (label,) = place_labels([node(200, 150)], [["Name"]], [line], within=WHOLE)
    assert label.y < 145


def test_name_stays_within_the_figure():
    (label,) = place_labels([node(6, 294)], [["A rather long name"]], [], within=WHOLE)
    assert (label.anchor, label.x) == ("start", 15)


def test_names_of_neighbours_do_not_cover_each_other():
    nodes = [node(200, 150), node(200, 170)]
    one, other = place_labels(nodes, [["First"], ["Second"]], [], within=WHOLE)
    assert abs(one.y - other.y) >= 15 or one.anchor != other.anchor
