from django import forms

from cstoannot.web.forms.base import PageForm

LARGEST_ARCHIVE = 200_000_000  # bytes; larger ones are restored from the command line


class ArchiveForm(PageForm):
    archive = forms.FileField(
        help_text="As Export → Archive of the project makes it.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    slug = forms.CharField(
        required=False,
        label="Short name",
        help_text="For its addresses, of a-z, 0-9 and hyphens. Empty: the one that it had.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    mine = forms.BooleanField(
        required=False,
        label="The coding under my user name is mine",
        help_text="All other people of the archive keep their names and get no access. Afterwards "
        "you can link each of them to a member of the project.",
    )

    def clean_archive(self) -> object:
        file = self.cleaned_data["archive"]
        if file.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes; {LARGEST_ARCHIVE:,} are allowed here. Whoever "
                "runs this installation can restore it with manage.py restore_project."
            )
        return file
