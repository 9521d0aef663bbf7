from django import forms
from django.utils.translation import gettext_lazy as _

from forum.meetings.models import Participant


class CheckInForm(forms.Form):
    """Nothing to fill in but, for who is not on the list, what the list asks of all."""

    sex = forms.ChoiceField(
        label=_("L/P"), choices=Participant.Sex, widget=forms.RadioSelect
    )

    def __init__(self, *args, is_listed, **kwargs):
        super().__init__(*args, **kwargs)
        if is_listed:
            del self.fields["sex"]
