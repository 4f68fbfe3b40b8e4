"""Diachron in Processing: the toolbox, the modeler, batch mode and qgis_process."""
