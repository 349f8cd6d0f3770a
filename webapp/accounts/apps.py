from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "webapp.accounts"
    label = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from webapp.accounts.sessions import describe

        user_logged_in.connect(describe, dispatch_uid="webapp.accounts.describe")
