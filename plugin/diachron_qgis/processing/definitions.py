"""Processing's enums under the names that this QGIS has for them: they moved to ``Qgis`` in 3.36."""

from __future__ import annotations

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

if Qgis.QGIS_VERSION_INT >= 33600:
    ADVANCED = Qgis.ProcessingParameterFlag.Advanced
    POLYGONS = Qgis.ProcessingSourceType.VectorPolygon
    REAL_NUMBER = Qgis.ProcessingNumberParameterType.Double
    FOLDER_PATH = Qgis.ProcessingFileParameterBehavior.Folder
    FILE_PATH = Qgis.ProcessingFileParameterBehavior.File
    MAIN_THREAD = Qgis.ProcessingAlgorithmFlag.NoThreading
else:
    ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    POLYGONS = QgsProcessing.SourceType.TypeVectorPolygon
    REAL_NUMBER = QgsProcessingParameterNumber.Type.Double
    FOLDER_PATH = QgsProcessingParameterFile.Behavior.Folder
    FILE_PATH = QgsProcessingParameterFile.Behavior.File
    MAIN_THREAD = QgsProcessingAlgorithm.Flag.FlagNoThreading

if Qgis.QGIS_VERSION_INT >= 33800:
    TEXT, WHOLE_NUMBER, DECIMAL_NUMBER = QMetaType.Type.QString, QMetaType.Type.Int, QMetaType.Type.Double
else:
    TEXT, WHOLE_NUMBER, DECIMAL_NUMBER = QVariant.Type.String, QVariant.Type.Int, QVariant.Type.Double
