from django.urls import path

from cstoannot.web.learning import consensus_views, decision_views, practice_views

learning_urls = [
    path(
        "projects/<str:project>/agreement/consensus/",
        consensus_views.show_consensus_agreement,
        name="agreement_consensus",
    ),
    path(
        "projects/<str:project>/agreement/consensus.csv",
        consensus_views.download_consensus_csv,
        name="agreement_consensus_csv",
    ),
    path(
        "projects/<str:project>/decisions/mine/",
        decision_views.show_own_decisions,
        name="decisions_mine",
    ),
    path(
        "projects/<str:project>/decisions/opened/",
        decision_views.open_decisions_view,
        name="decisions_opened",
    ),
    path("projects/<str:project>/practice/", practice_views.show_practice_list, name="practice"),
    path(
        "projects/<str:project>/practice/<uuid:assignment>/",
        practice_views.show_practice_result,
        name="practice_result",
    ),
    path(
        "projects/<str:project>/practice/<uuid:assignment>/clear/",
        practice_views.clear_practice_view,
        name="practice_clear",
    ),
    path(
        "projects/<str:project>/practice/<uuid:assignment>/withdraw/",
        practice_views.withdraw_practice_view,
        name="practice_withdraw",
    ),
]
