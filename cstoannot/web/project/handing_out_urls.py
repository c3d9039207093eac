"""URLs of the board, of plans and of rounds."""

from django.urls import path

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
]
