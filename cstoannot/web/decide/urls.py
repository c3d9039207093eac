from django.urls import path

from cstoannot.web.decide import case_views, source_views, views

urlpatterns = [
    path("projects/<str:project>/decide/", views.start_deciding, name="decide"),
    path("projects/<str:project>/decide/go/", source_views.choose_source, name="decide_go"),
    path("projects/<str:project>/decide/decisions/", case_views.show_decisions, name="decisions"),
    path("projects/<str:project>/decide/<int:source>/", views.decide_source, name="decide_source"),
    path(
        "projects/<str:project>/decide/<int:source>/adopt/",
        source_views.adopt_places,
        name="decide_adopt",
    ),
    path(
        "projects/<str:project>/decide/<int:source>/hand-on/",
        source_views.hand_on,
        name="decide_hand_on",
    ),
    path(
        "projects/<str:project>/decide/<int:source>/weight/",
        case_views.show_weight,
        name="decide_weight",
    ),
]
