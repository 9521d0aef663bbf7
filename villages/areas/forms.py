from django import forms


class VillageChoice(forms.ModelChoiceField):
    def label_from_instance(self, village):
        return village.full_name
