"""URLs of the board, of plans, of rounds and of agreement by round."""

from django.urls import path

from cstoannot.web.agreement import round_views as agreement_rounds
from cstoannot.web.project import assignment_views, plan_views, round_views

urlpatterns = [
    path(
        "projects/<str:project>/assignments/",
        assignment_views.edit_assignments_view,
        name="assignments",
    ),
    path(
        "projects/<str:project>/assignments/all/",
        assignment_views.assign_everything_view,
        name="assign_all",
    ),
    path(
        "projects/<str:project>/assignments/many/",
        assignment_views.change_many_assignments_view,
        name="assignments_many",
    ),
    path(
        "projects/<str:project>/assignments/<uuid:assignment>/reopen/",
        assignment_views.reopen_assignment_view,
        name="assignment_reopen",
    ),
    path("projects/<str:project>/plans/", plan_views.make_plan_view, name="plans"),
    path("projects/<str:project>/plans/hand-on/", plan_views.hand_on_view, name="hand_on"),
    path("projects/<str:project>/plans/<uuid:plan>/", plan_views.extend_plan_view, name="plan"),
    path("projects/<str:project>/rounds/", round_views.manage_rounds_view, name="rounds"),
    path("projects/<str:project>/rounds/<uuid:round>/", round_views.edit_round_view, name="round"),
    path(
        "projects/<str:project>/agreement/rounds/",
        agreement_rounds.show_round_trend,
        name="agreement_rounds",
    ),
    path(
        "projects/<str:project>/agreement/rounds.csv",
        agreement_rounds.download_rounds_csv,
        name="agreement_rounds_csv",
    ),
    path(
        "projects/<str:project>/agreement/rounds.svg",
        agreement_rounds.serve_round_figure,
        name="agreement_rounds_svg",
    ),
]
