from allauth.account.adapter import DefaultAccountAdapter

from villages.people.passwords import refuse_demo_password


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Accounts are made by the district admin; there is no open sign-up."""
        return False

    def pre_authenticate(self, request, **credentials):
        super().pre_authenticate(request, **credentials)
        refuse_demo_password(credentials.get("password"))

    def clean_password(self, password, user=None):
        refuse_demo_password(password)
        return super().clean_password(password, user)
