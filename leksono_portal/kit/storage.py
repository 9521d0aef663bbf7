from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Names with a hash, also where one script file imports another."""

    support_js_module_import_aggregation = True
