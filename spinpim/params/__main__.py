"""Write the JSON Schemas and the key tables into device_params: ``python -m spinpim.params``."""

from spinpim.params.load import parameter_folder
from spinpim.params.publish import published_files

if __name__ == "__main__":
    for path, text in published_files(parameter_folder()).items():
        path.write_text(text, encoding="utf-8")
        print(path)
