from __future__ import annotations

from django.urls import path

from webapp.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("setup/<slug:code>/", views.setup, name="setup"),
    path("account/", views.account, name="account"),
    path("account/password/", views.change_password, name="password"),
    path("account/tokens/", views.new_token, name="new-token"),
    path("account/tokens/<slug:id>/revoke/", views.revoke_token, name="revoke-token"),
]
