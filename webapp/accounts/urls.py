from __future__ import annotations

from django.urls import path

from webapp.accounts.views import account, audit, join, login, lost, team

app_name = "accounts"
urlpatterns = [
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("setup/<slug:code>/", login.setup, name="setup"),
    path("account/", account.account, name="account"),
    path("account/password/", account.change_password, name="password"),
    path("account/mail/", account.change_email, name="mail"),
    path("account/sessions/others/end/", account.end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<str:handle>/end/", account.end_session, name="end-session"),
    path("account/tokens/", account.new_token, name="new-token"),
    path("account/tokens/<slug:id>/revoke/", account.revoke_token, name="revoke-token"),
    path("account/teams/", account.new_team, name="new-team"),
    path("account/teams/<str:id>/leave/", account.leave_team, name="leave"),
    path("invite/<slug:code>/", join.invite, name="invite"),
    path("password/lost/", lost.lost, name="lost"),
    path("password/reset/<slug:code>/", lost.reset, name="reset"),
    path("team/", team.team, name="team"),
    path("team/audit/", audit.audit, name="audit"),
    path("team/audit.csv", audit.audit_csv, name="audit-csv"),
    path("team/name/", team.rename, name="rename-team"),
    path("team/invitations/", team.invite, name="new-invitation"),
    path("team/invitations/<str:id>/revoke/", team.revoke_invitation, name="revoke-invitation"),
    path("team/members/<str:name>/role/", team.change_role, name="role"),
    path("team/members/<str:name>/remove/", team.remove_member, name="remove-member"),
    path("team/members/<str:name>/reset-link/", team.reset_link, name="reset-link"),
    path("team/switch/", account.switch_team, name="switch"),
]
