from django.urls import path

from cstoannot.web.threads import comment_views, views

urlpatterns = [
    path("", views.show_threads, name="threads"),
    path("new/", views.open_thread_view, name="thread_new"),
    path("<uuid:thread>/", views.show_thread, name="thread"),
    path("<uuid:thread>/resolve/", views.resolve_thread_view, name="thread_resolve"),
    path("<uuid:thread>/propose/", views.propose_from_thread_view, name="thread_propose"),
    path(
        "<uuid:thread>/comments/<uuid:comment>/",
        comment_views.edit_comment_view,
        name="comment_edit",
    ),
    path(
        "<uuid:thread>/comments/<uuid:comment>/delete/",
        comment_views.delete_comment_view,
        name="comment_delete",
    ),
]
