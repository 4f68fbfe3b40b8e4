<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
  <context>
    <name>Diachron</name>
    <message>
      <source>Decide on each of these changes, one after another</source>
      <translation>Statuer sur chacun de ces changements, l’un après l’autre</translation>
    </message>
    <message>
      <source>Confidence</source>
      <translation>Confiance</translation>
    </message>
    <message>
      <source>Probability from which a pixel counts as changed; the answer follows</source>
      <translation>Probabilité à partir de laquelle un pixel compte comme changé ; la réponse suit</translation>
    </message>
    <message>
      <source>Confidence threshold</source>
      <translation>Seuil de confiance</translation>
    </message>
    <message>
      <source>Minimum mapping unit: smaller changes are left out</source>
      <translation>Unité minimale de collecte : les changements plus petits sont écartés</translation>
    </message>
    <message>
      <source>Minimum mapping unit</source>
      <translation>Unité minimale de collecte</translation>
    </message>
    <message>
      <source>Back to what the question was asked with</source>
      <translation>Revenir aux réglages avec lesquels la question a été posée</translation>
    </message>
    <message>
      <source>Review {0}</source>
      <translation>Vérifier {0}</translation>
    </message>
    <message>
      <source> px</source>
      <translation> px</translation>
    </message>
    <message>
      <source> m²</source>
      <translation> m²</translation>
    </message>
    <message>
      <source>Before</source>
      <translation>Avant</translation>
    </message>
    <message>
      <source>{0} of {1}</source>
      <translation>{0} sur {1}</translation>
    </message>
    <message>
      <source>confidence {0}</source>
      <translation>confiance {0}</translation>
    </message>
    <message>
      <source>Stopped; nothing was saved</source>
      <translation>Arrêté ; rien n’a été enregistré</translation>
    </message>
    <message>
      <source>Ask again</source>
      <translation>Reposer la question</translation>
    </message>
    <message>
      <source>Bring this question's layers up</source>
      <translation>Faire remonter les couches de cette question</translation>
    </message>
    <message>
      <source>Starting the engine</source>
      <translation>Démarrage du moteur</translation>
    </message>
    <message>
      <source>no image</source>
      <translation>pas d’image</translation>
    </message>
    <message>
      <source>After</source>
      <translation>Après</translation>
    </message>
    <message>
      <source>Images of a change</source>
      <translation>Images d’un changement</translation>
    </message>
    <message>
      <source>Reading</source>
      <translation>Lecture</translation>
    </message>
    <message>
      <source>What is asked; click to change it</source>
      <translation>Ce qui est demandé ; cliquez pour le changer</translation>
    </message>
    <message>
      <source>At which date; click to change it</source>
      <translation>À quelle date ; cliquez pour la changer</translation>
    </message>
    <message>
      <source>In which part of the area; click to change it</source>
      <translation>Dans quelle partie de l’emprise ; cliquez pour la changer</translation>
    </message>
    <message>
      <source>Ask with this reading</source>
      <translation>Demander avec cette lecture</translation>
    </message>
    <message>
      <source>From which classes</source>
      <translation>Depuis quelles classes</translation>
    </message>
    <message>
      <source>To which classes</source>
      <translation>Vers quelles classes</translation>
    </message>
    <message>
      <source>Which classes</source>
      <translation>Quelles classes</translation>
    </message>
    <message>
      <source>any</source>
      <translation>toutes</translation>
    </message>
    <message>
      <source>{0} + {1} more</source>
      <translation>{0} + {1} autres</translation>
    </message>
    <message>
      <source>; click to add or remove</source>
      <translation> ; cliquez pour ajouter ou retirer</translation>
    </message>
    <message>
      <source>remove {0}</source>
      <translation>retirer {0}</translation>
    </message>
    <message>
      <source>The rasters of this question are no longer in the project; pick others and ask anew.</source>
      <translation>Les rasters de cette question ne sont plus dans le projet ; choisissez-en d’autres et posez-la de nouveau.</translation>
    </message>
    <message>
      <source>A question is running; wait for its answer, or stop it.</source>
      <translation>Une question est en cours ; attendez sa réponse, ou arrêtez-la.</translation>
    </message>
    <message>
      <source>This project is not saved yet. Where shall results go?</source>
      <translation>Ce projet n’est pas encore enregistré. Où ranger les résultats ?</translation>
    </message>
    <message>
      <source>Save the project, or choose a folder for results.</source>
      <translation>Enregistrez le projet, ou choisissez un dossier pour les résultats.</translation>
    </message>
    <message>
      <source>Diachron: {0}</source>
      <translation>Diachron : {0}</translation>
    </message>
    <message>
      <source>Show the log</source>
      <translation>Afficher le journal</translation>
    </message>
    <message>
      <source>Ask the same question of the same rasters</source>
      <translation>Poser la même question sur les mêmes rasters</translation>
    </message>
    <message>
      <source>Your own sets cannot be read</source>
      <translation>Vos propres jeux de questions ne peuvent pas être lus</translation>
    </message>
    <message>
      <source>&amp;Save this conversation's questions as a set…</source>
      <translation>&amp;Enregistrer les questions de cette conversation comme jeu…</translation>
    </message>
    <message>
      <source>Keep what was asked here, in this order, to ask all of it of another pair</source>
      <translation>Garder ce qui a été demandé ici, dans cet ordre, pour le demander d’un coup à un autre couple d’images</translation>
    </message>
    <message>
      <source>Name of the set; one of your own with the same name is replaced</source>
      <translation>Nom du jeu ; un de vos jeux du même nom sera remplacé</translation>
    </message>
    <message>
      <source>Save questions</source>
      <translation>Enregistrer les questions</translation>
    </message>
    <message>
      <source>&amp;Ask all {0}, one after another</source>
      <translation>&amp;Poser les {0} questions, l’une après l’autre</translation>
    </message>
    <message>
      <source>In English</source>
      <translation>En anglais</translation>
    </message>
    <message>
      <source>In French</source>
      <translation>En français</translation>
    </message>
    <message>
      <source>&amp;Delete this set</source>
      <translation>&amp;Supprimer ce jeu</translation>
    </message>
    <message>
      <source>Classes: {0}</source>
      <translation>Classes : {0}</translation>
    </message>
    <message>
      <source>Minimum mapping unit: {0} m²</source>
      <translation>Unité minimale de collecte : {0} m²</translation>
    </message>
    <message>
      <source>Threshold: {0}</source>
      <translation>Seuil : {0}</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Aide</translation>
    </message>
    <message>
      <source>Diachron: help</source>
      <translation>Diachron : aide</translation>
    </message>
    <message>
      <source>&amp;Contents</source>
      <translation>&amp;Sommaire</translation>
    </message>
    <message>
      <source>The list of pages (Alt+Home)</source>
      <translation>La liste des pages (Alt+Origine)</translation>
    </message>
    <message>
      <source>C&amp;lose</source>
      <translation>&amp;Fermer</translation>
    </message>
    <message>
      <source>Close this window (Esc)</source>
      <translation>Fermer cette fenêtre (Échap)</translation>
    </message>
    <message>
      <source>Save or discard the edits of this layer first</source>
      <translation>Enregistrez ou abandonnez d’abord les modifications de cette couche</translation>
    </message>
    <message>
      <source>Close this message</source>
      <translation>Fermer ce message</translation>
    </message>
    <message>
      <source>The program “diachron” of an environment that has it; empty: the one of this profile</source>
      <translation>Le programme « diachron » d’un environnement qui le contient ; vide : celui de ce profil</translation>
    </message>
    <message>
      <source>Where results of every project go; empty: beside each project</source>
      <translation>Où vont les résultats de tous les projets ; vide : à côté de chaque projet</translation>
    </message>
    <message>
      <source>the question's own</source>
      <translation>celle de la question</translation>
    </message>
    <message>
      <source>English</source>
      <translation>Anglais</translation>
    </message>
    <message>
      <source>French</source>
      <translation>Français</translation>
    </message>
    <message>
      <source>The language in which answers and reports are written</source>
      <translation>La langue dans laquelle réponses et rapports sont rédigés</translation>
    </message>
    <message>
      <source>what suits the resolution</source>
      <translation>selon la résolution</translation>
    </message>
    <message>
      <source>New answers leave smaller changes out; an answer's own slider alters it</source>
      <translation>Les nouvelles réponses écartent les changements plus petits ; le curseur de chaque réponse la modifie</translation>
    </message>
    <message>
      <source> m</source>
      <translation> m</translation>
    </message>
    <message>
      <source>Ground shown around each proposal in the review</source>
      <translation>Terrain montré autour de chaque proposition pendant la vérification</translation>
    </message>
    <message>
      <source>graphics card, if there is one</source>
      <translation>carte graphique, s’il y en a une</translation>
    </message>
    <message>
      <source>processor</source>
      <translation>processeur</translation>
    </message>
    <message>
      <source>graphics card (CUDA)</source>
      <translation>carte graphique (CUDA)</translation>
    </message>
    <message>
      <source>What the model runs on</source>
      <translation>Ce sur quoi le modèle s’exécute</translation>
    </message>
    <message>
      <source>as many as are fastest</source>
      <translation>le nombre le plus rapide</translation>
    </message>
    <message>
      <source>Threads of the processor; fewer leave more of it to other programs</source>
      <translation>Fils d’exécution du processeur ; moins de fils en laissent davantage aux autres programmes</translation>
    </message>
    <message>
      <source>No engine was found; choose one here, or set one up in the dock.</source>
      <translation>Aucun moteur n’a été trouvé ; choisissez-en un ici, ou installez-en un depuis le panneau.</translation>
    </message>
    <message>
      <source>There is no such program; used instead: {0}</source>
      <translation>Ce programme n’existe pas ; utilisé à la place : {0}</translation>
    </message>
    <message>
      <source>Found: {0}</source>
      <translation>Trouvé : {0}</translation>
    </message>
    <message>
      <source>Engine</source>
      <translation>Moteur</translation>
    </message>
    <message>
      <source>&amp;Program</source>
      <translation>&amp;Programme</translation>
    </message>
    <message>
      <source>Runs &amp;on</source>
      <translation>S’exécute s&amp;ur</translation>
    </message>
    <message>
      <source>&amp;Threads</source>
      <translation>&amp;Fils d’exécution</translation>
    </message>
    <message>
      <source>Answers</source>
      <translation>Réponses</translation>
    </message>
    <message>
      <source>Results &amp;folder</source>
      <translation>&amp;Dossier des résultats</translation>
    </message>
    <message>
      <source>&amp;Language</source>
      <translation>&amp;Langue</translation>
    </message>
    <message>
      <source>Minimum mapping &amp;unit</source>
      <translation>&amp;Unité minimale de collecte</translation>
    </message>
    <message>
      <source>Review</source>
      <translation>Vérification</translation>
    </message>
    <message>
      <source>&amp;Margin</source>
      <translation>&amp;Marge</translation>
    </message>
    <message>
      <source>The earlier raster</source>
      <translation>Le raster le plus ancien</translation>
    </message>
    <message>
      <source>The later raster</source>
      <translation>Le raster le plus récent</translation>
    </message>
    <message>
      <source>Swap before and after</source>
      <translation>Échanger avant et après</translation>
    </message>
    <message>
      <source>+ date</source>
      <translation>+ date</translation>
    </message>
    <message>
      <source>Add a raster of a date between before and after</source>
      <translation>Ajouter un raster d’une date entre avant et après</translation>
    </message>
    <message>
      <source>Pick a raster as before and another as after.</source>
      <translation>Choisissez un raster avant et un autre après.</translation>
    </message>
    <message>
      <source>Before and after are the same raster; pick another one.</source>
      <translation>Avant et après sont le même raster ; choisissez-en un autre.</translation>
    </message>
    <message>
      <source>Two dates have the same raster; pick another one, or take a date away.</source>
      <translation>Deux dates ont le même raster ; choisissez-en un autre, ou retirez une date.</translation>
    </message>
    <message>
      <source>Between</source>
      <translation>Entre</translation>
    </message>
    <message>
      <source>A raster between both</source>
      <translation>Un raster entre les deux</translation>
    </message>
    <message>
      <source>Take this date away</source>
      <translation>Retirer cette date</translation>
    </message>
    <message>
      <source>date</source>
      <translation>date</translation>
    </message>
    <message>
      <source>Date of this raster</source>
      <translation>Date de ce raster</translation>
    </message>
    <message>
      <source>Date of this raster, such as 2018 or 2018-06-30; it is written with the results</source>
      <translation>Date de ce raster, par exemple 2018 ou 2018-06-30 ; elle est écrite avec les résultats</translation>
    </message>
    <message>
      <source>Area</source>
      <translation>Emprise</translation>
    </message>
    <message>
      <source>canvas</source>
      <translation>carte</translation>
    </message>
    <message>
      <source>What the map shows now</source>
      <translation>Ce que la carte montre en ce moment</translation>
    </message>
    <message>
      <source>overlap</source>
      <translation>recouvrement</translation>
    </message>
    <message>
      <source>All the ground that both rasters show</source>
      <translation>Tout le terrain que les deux rasters montrent</translation>
    </message>
    <message>
      <source>selection</source>
      <translation>sélection</translation>
    </message>
    <message>
      <source>The selected polygons of the current layer</source>
      <translation>Les polygones sélectionnés de la couche courante</translation>
    </message>
    <message>
      <source>draw</source>
      <translation>dessin</translation>
    </message>
    <message>
      <source>A rectangle drawn on the map</source>
      <translation>Un rectangle dessiné sur la carte</translation>
    </message>
    <message>
      <source>Swap</source>
      <translation>Échanger</translation>
    </message>
    <message>
      <source>Use the overlap</source>
      <translation>Prendre le recouvrement</translation>
    </message>
    <message>
      <source>Give it…</source>
      <translation>L’indiquer…</translation>
    </message>
    <message>
      <source>Build them</source>
      <translation>Les construire</translation>
    </message>
    <message>
      <source>Ground sample distance</source>
      <translation>Résolution au sol</translation>
    </message>
    <message>
      <source>Metres on the ground per pixel:</source>
      <translation>Mètres au sol par pixel :</translation>
    </message>
    <message>
      <source>The overviews could not be built</source>
      <translation>Les aperçus n’ont pas pu être construits</translation>
    </message>
    <message>
      <source>see QGIS's messages</source>
      <translation>voyez les messages de QGIS</translation>
    </message>
    <message>
      <source>no overviews: {0}</source>
      <translation>pas d’aperçus (pyramides) : {0}</translation>
    </message>
    <message>
      <source>the map draws them slowly</source>
      <translation>la carte les dessine lentement</translation>
    </message>
    <message>
      <source>The question is empty; ask something, such as “What has changed?”</source>
      <translation>La question est vide ; demandez quelque chose, par exemple « Qu’est-ce qui a changé ? »</translation>
    </message>
    <message>
      <source>The question is too long ({0} characters, at most {1} are read); ask it in a sentence or two.</source>
      <translation>La question est trop longue ({0} caractères, {1} au plus sont lus) ; posez-la en une phrase ou deux.</translation>
    </message>
    <message>
      <source>Ask about this pair…</source>
      <translation>Posez une question…</translation>
    </message>
    <message>
      <source>English or French. Enter asks; up and down bring back earlier questions.</source>
      <translation>Anglais ou français. Entrée pose la question ; haut et bas rappellent les précédentes.</translation>
    </message>
    <message>
      <source>Question</source>
      <translation>Question</translation>
    </message>
    <message>
      <source>Examples of questions, and sets of them to ask at once (Alt+E)</source>
      <translation>Exemples de questions, et jeux de questions à poser d’un coup (Alt+E)</translation>
    </message>
    <message>
      <source>Examples of questions</source>
      <translation>Exemples de questions</translation>
    </message>
    <message>
      <source>Ask</source>
      <translation>Demander</translation>
    </message>
    <message>
      <source>Ask this question (Enter)</source>
      <translation>Poser cette question (Entrée)</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Arrêter</translation>
    </message>
    <message>
      <source>Stop the question that is running (Esc)</source>
      <translation>Arrêter la question en cours (Échap)</translation>
    </message>
    <message>
      <source>Help (F1)</source>
      <translation>Aide (F1)</translation>
    </message>
    <message>
      <source>Make a recipe again</source>
      <translation>Refaire une recette</translation>
    </message>
    <message>
      <source>Recipes (*.json)</source>
      <translation>Recettes (*.json)</translation>
    </message>
    <message>
      <source>That is no recipe: {0}; choose one that was saved from an answer.</source>
      <translation>Ce n’est pas une recette : {0} ; choisissez-en une qui a été enregistrée depuis une réponse.</translation>
    </message>
    <message>
      <source>Leave it empty where every object of the layer is of one class</source>
      <translation>À laisser vide si tous les objets de la couche sont d’une seule classe</translation>
    </message>
    <message>
      <source>Class of the proposals</source>
      <translation>Classe des propositions</translation>
    </message>
    <message>
      <source>Value in the database</source>
      <translation>Valeur dans la base</translation>
    </message>
    <message>
      <source>Attribute</source>
      <translation>Attribut</translation>
    </message>
    <message>
      <source>Value (expression)</source>
      <translation>Valeur (expression)</translation>
    </message>
    <message>
      <source>Keep removed objects, and only write to them</source>
      <translation>Garder les objets supprimés, et seulement écrire leurs attributs</translation>
    </message>
    <message>
      <source>Instead of being deleted, they get the attributes that are ticked at “Removed”</source>
      <translation>Au lieu d’être effacés, ils reçoivent les attributs cochés dans « Supprimé »</translation>
    </message>
    <message>
      <source>as it stands in the field</source>
      <translation>tel qu’il est dans le champ</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Classes</translation>
    </message>
    <message>
      <source>Field that holds the class</source>
      <translation>Champ qui porte la classe</translation>
    </message>
    <message>
      <source>Add a class</source>
      <translation>Ajouter une classe</translation>
    </message>
    <message>
      <source>Attributes to write</source>
      <translation>Attributs à écrire</translation>
    </message>
    <message>
      <source>Add an attribute</source>
      <translation>Ajouter un attribut</translation>
    </message>
    <message>
      <source>Matching</source>
      <translation>Appariement</translation>
    </message>
    <message>
      <source>Take the line out</source>
      <translation>Retirer la ligne</translation>
    </message>
    <message>
      <source>{0}%</source>
      <translation>{0} %</translation>
    </message>
    <message>
      <source>They meet from</source>
      <translation>Appariés à partir de</translation>
    </message>
    <message>
      <source>A proposal and an object belong together where they share at least this of the smaller of the two</source>
      <translation>Une proposition et un objet vont ensemble s’ils partagent au moins cette part du plus petit des deux</translation>
    </message>
    <message>
      <source>Same outline from</source>
      <translation>Même contour à partir de</translation>
    </message>
    <message>
      <source>Confirmed: what they share, of the ground of both together (IoU)</source>
      <translation>Confirmé : ce qu’ils partagent, rapporté au terrain des deux réunis (IoU)</translation>
    </message>
    <message>
      <source>Already there from</source>
      <translation>Déjà présent à partir de</translation>
    </message>
    <message>
      <source>Confirmed: the part of a proposal that lies on objects of its class</source>
      <translation>Confirmé : la part d’une proposition qui se trouve sur des objets de sa classe</translation>
    </message>
    <message>
      <source>Removed from</source>
      <translation>Supprimé à partir de</translation>
    </message>
    <message>
      <source>An object is removed where proposals cover at least this of it, else reduced</source>
      <translation>Un objet est supprimé si des propositions en couvrent au moins cette part, sinon réduit</translation>
    </message>
    <message>
      <source>{0}: {1} objects saved in one transaction.</source>
      <translation>{0} : {1} objets enregistrés en une seule transaction.</translation>
    </message>
    <message>
      <source>Reconcile with a database</source>
      <translation>Rapprocher d’une base de données</translation>
    </message>
    <message>
      <source>Comparing</source>
      <translation>Comparaison</translation>
    </message>
    <message>
      <source>Pick a layer of proposals and a polygon layer of the database.</source>
      <translation>Choisissez une couche de propositions et une couche de polygones de la base de données.</translation>
    </message>
    <message>
      <source>Name at least one class that the database has.</source>
      <translation>Indiquez au moins une classe que la base contient.</translation>
    </message>
    <message>
      <source>One of the two layers has no CRS: set it in its properties, then compare.</source>
      <translation>L’une des deux couches n’a pas de SCR : définissez-le dans ses propriétés, puis comparez.</translation>
    </message>
    <message>
      <source>{0} cannot be edited: write a change-set instead.</source>
      <translation>{0} n’est pas modifiable : écrivez plutôt un lot de modifications.</translation>
    </message>
    <message>
      <source>Nothing was applied. Lines that no longer hold: {0}; they are marked and left out. Apply again without them, or compare again.</source>
      <translation>Rien n’a été appliqué. Lignes qui ne tiennent plus : {0} ; elles sont marquées et écartées. Appliquez de nouveau sans elles, ou comparez de nouveau.</translation>
    </message>
    <message>
      <source>Looking for others' edits</source>
      <translation>Recherche des modifications faites par d’autres</translation>
    </message>
    <message>
      <source>Diachron: {0} objects reconciled</source>
      <translation>Diachron : {0} objets mis à jour</translation>
    </message>
    <message>
      <source>Applying</source>
      <translation>Application</translation>
    </message>
    <message>
      <source>{0} refused an edit ({1}); nothing was applied.</source>
      <translation>{0} a refusé une modification ({1}) ; rien n’a été appliqué.</translation>
    </message>
    <message>
      <source>{0} objects are in the edit buffer of {1}: undo, or save the layer.</source>
      <translation>{0} objets sont dans le tampon d’édition de {1} : annulez, ou enregistrez la couche.</translation>
    </message>
    <message>
      <source>{0} records: {1} in {2}</source>
      <translation>{0} enregistrements : {1} dans {2}</translation>
    </message>
    <message>
      <source>Writing</source>
      <translation>Écriture</translation>
    </message>
    <message>
      <source>Write the change-set (GeoPackage, and GeoJSON beside it)</source>
      <translation>Écrire le lot de modifications (GeoPackage, et GeoJSON à côté)</translation>
    </message>
    <message>
      <source>Stopped; nothing was applied.</source>
      <translation>Arrêté ; rien n’a été appliqué.</translation>
    </message>
    <message>
      <source>Stopped; nothing was changed.</source>
      <translation>Arrêté ; rien n’a été modifié.</translation>
    </message>
    <message>
      <source>Apply {0} to the edit buffer</source>
      <translation>Appliquer {0} au tampon d’édition</translation>
    </message>
    <message>
      <source>Apply to the edit buffer</source>
      <translation>Appliquer au tampon d’édition</translation>
    </message>
    <message>
      <source>Proposals</source>
      <translation>Propositions</translation>
    </message>
    <message>
      <source>Database layer</source>
      <translation>Couche de la base</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>Comparer</translation>
    </message>
    <message>
      <source>Write a change-set…</source>
      <translation>Écrire un lot de modifications…</translation>
    </message>
    <message>
      <source>One command that undo takes back; nothing is saved until you save the layer</source>
      <translation>Une seule commande, qu’annuler retire ; rien n’est enregistré avant que vous n’enregistriez la couche</translation>
    </message>
    <message>
      <source>Object</source>
      <translation>Objet</translation>
    </message>
    <message>
      <source>Class</source>
      <translation>Classe</translation>
    </message>
    <message>
      <source>Match</source>
      <translation>Appariement</translation>
    </message>
    <message>
      <source>Shared</source>
      <translation>Partagé</translation>
    </message>
    <message>
      <source>Remark</source>
      <translation>Remarque</translation>
    </message>
    <message>
      <source>object {0}</source>
      <translation>objet {0}</translation>
    </message>
    <message>
      <source>new</source>
      <translation>nouveau</translation>
    </message>
    <message>
      <source>proposal {0}</source>
      <translation>proposition {0}</translation>
    </message>
    <message>
      <source>not in the database, as it should be</source>
      <translation>absent de la base, comme il se doit</translation>
    </message>
    <message>
      <source>becomes {0} objects</source>
      <translation>devient {0} objets</translation>
    </message>
    <message>
      <source>{0} m²</source>
      <translation>{0} m²</translation>
    </message>
    <message>
      <source>Created</source>
      <translation>Créé</translation>
    </message>
    <message>
      <source>Removed</source>
      <translation>Supprimé</translation>
    </message>
    <message>
      <source>Modified</source>
      <translation>Modifié</translation>
    </message>
    <message>
      <source>Confirmed</source>
      <translation>Confirmé</translation>
    </message>
    <message>
      <source>The proposals show an object that the database does not have</source>
      <translation>Les propositions montrent un objet que la base n’a pas</translation>
    </message>
    <message>
      <source>The proposals show that an object of the database is gone</source>
      <translation>Les propositions montrent qu’un objet de la base a disparu</translation>
    </message>
    <message>
      <source>An object is extended, reduced, or becomes another class</source>
      <translation>Un objet est agrandi, réduit, ou change de classe</translation>
    </message>
    <message>
      <source>The database has it already</source>
      <translation>La base l’a déjà</translation>
    </message>
    <message>
      <source>edited by others</source>
      <translation>modifié par d’autres</translation>
    </message>
    <message>
      <source>no longer in the database</source>
      <translation>n’est plus dans la base</translation>
    </message>
    <message>
      <source>other objects or proposals stand there now</source>
      <translation>d’autres objets ou propositions s’y trouvent maintenant</translation>
    </message>
    <message>
      <source>proposals of other classes: {0}</source>
      <translation>propositions d’autres classes : {0}</translation>
    </message>
    <message>
      <source>objects of other values: {0}</source>
      <translation>objets d’autres valeurs : {0}</translation>
    </message>
    <message>
      <source>No proposal is accepted yet: accept some in the review, then compare.</source>
      <translation>Aucune proposition n’est encore acceptée : acceptez-en lors de la vérification, puis comparez.</translation>
    </message>
    <message>
      <source>The proposals cannot be brought into the database's CRS: {0}; set the right CRS of both layers.</source>
      <translation>Les propositions ne peuvent pas être amenées dans le SCR de la base : {0} ; définissez le bon SCR des deux couches.</translation>
    </message>
    <message>
      <source>The database stopped answering: {0}; check the connection, then compare again.</source>
      <translation>La base de données ne répond plus : {0} ; vérifiez la connexion, puis comparez de nouveau.</translation>
    </message>
    <message>
      <source>An attribute cannot be written: {0}; correct it in the table of attributes.</source>
      <translation>Un attribut ne peut pas être écrit : {0} ; corrigez-le dans le tableau des attributs.</translation>
    </message>
    <message>
      <source>The change-set cannot be written: {0}; choose another folder.</source>
      <translation>Le lot de modifications ne peut pas être écrit : {0} ; choisissez un autre dossier.</translation>
    </message>
    <message>
      <source>This went wrong: {0}; the log has more.</source>
      <translation>Une erreur s’est produite : {0} ; le journal en dit plus.</translation>
    </message>
    <message>
      <source>{0} was not saved: others have changed {1}. Undo, compare again, apply, and save.</source>
      <translation>{0} n’a pas été enregistrée : d’autres ont modifié {1}. Annulez, comparez de nouveau, appliquez, puis enregistrez.</translation>
    </message>
    <message>
      <source>{0} was not saved, nothing of it: {1}. Your edits are kept: save again when the database answers.</source>
      <translation>{0} n’a pas été enregistrée, pas même en partie : {1}. Vos modifications sont conservées : enregistrez de nouveau quand la base répondra.</translation>
    </message>
    <message>
      <source>{0} objects ({1})</source>
      <translation>{0} objets ({1})</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Rapport</translation>
    </message>
    <message>
      <source>Make a PDF to hand over</source>
      <translation>Produire un PDF à remettre</translation>
    </message>
    <message>
      <source>Save recipe</source>
      <translation>Enregistrer la recette</translation>
    </message>
    <message>
      <source>Save what makes this answer again, to the same polygons</source>
      <translation>Enregistrer de quoi refaire cette réponse, aux mêmes polygones</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exporter</translation>
    </message>
    <message>
      <source>Write changes, rasters or tables for other programs</source>
      <translation>Écrire changements, rasters ou tableaux pour d’autres programmes</translation>
    </message>
    <message>
      <source>Save the report</source>
      <translation>Enregistrer le rapport</translation>
    </message>
    <message>
      <source>The report is being made</source>
      <translation>Le rapport est en préparation</translation>
    </message>
    <message>
      <source>The report is in {0}</source>
      <translation>Le rapport est dans {0}</translation>
    </message>
    <message>
      <source>Written: {0}</source>
      <translation>Écrit : {0}</translation>
    </message>
    <message>
      <source>Choose a layer of polygons with the fields from_class and to_class.</source>
      <translation>Choisissez une couche de polygones avec les champs from_class et to_class.</translation>
    </message>
    <message>
      <source>{0} of {1} reviewed by {2}</source>
      <translation>{0} sur {1} vérifiés par {2}</translation>
    </message>
    <message>
      <source>QGIS cannot edit this layer: {0}</source>
      <translation>QGIS ne peut pas modifier cette couche : {0}</translation>
    </message>
    <message>
      <source>Move the corners with QGIS's vertex tool, or use its other editing tools; then press D again.</source>
      <translation>Déplacez les sommets avec l’outil de nœud de QGIS, ou prenez ses autres outils d’édition ; puis appuyez de nouveau sur D.</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Accepter</translation>
    </message>
    <message>
      <source>Accept this change and go on</source>
      <translation>Accepter ce changement et continuer</translation>
    </message>
    <message>
      <source>Reject</source>
      <translation>Rejeter</translation>
    </message>
    <message>
      <source>Reject this change and go on</source>
      <translation>Rejeter ce changement et continuer</translation>
    </message>
    <message>
      <source>Give it other classes</source>
      <translation>Lui donner d’autres classes</translation>
    </message>
    <message>
      <source>Redraw</source>
      <translation>Redessiner</translation>
    </message>
    <message>
      <source>Redraw its outline</source>
      <translation>Redessiner son contour</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>Note</translation>
    </message>
    <message>
      <source>Write a note on it</source>
      <translation>Y écrire une note</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Take the last step back</source>
      <translation>Revenir sur la dernière action</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>Précédent</translation>
    </message>
    <message>
      <source>The one before</source>
      <translation>Celui d’avant</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Suivant</translation>
    </message>
    <message>
      <source>The next one, undecided</source>
      <translation>Le prochain sur lequel il reste à statuer</translation>
    </message>
    <message>
      <source>Reconcile</source>
      <translation>Rapprocher</translation>
    </message>
    <message>
      <source>Compare with a database</source>
      <translation>Comparer avec une base de données</translation>
    </message>
    <message>
      <source>Beside</source>
      <translation>Côte à côte</translation>
    </message>
    <message>
      <source>Both images in step, side by side</source>
      <translation>Les deux images synchronisées, côte à côte</translation>
    </message>
    <message>
      <source>Swipe</source>
      <translation>Rideau</translation>
    </message>
    <message>
      <source>One image over the other, by the mouse</source>
      <translation>Une image par-dessus l’autre, à la souris</translation>
    </message>
    <message>
      <source>Flicker</source>
      <translation>Alternance</translation>
    </message>
    <message>
      <source>One image after the other</source>
      <translation>Une image après l’autre</translation>
    </message>
    <message>
      <source>Sweep</source>
      <translation>Balayer</translation>
    </message>
    <message>
      <source>Swipe to the other image</source>
      <translation>Balayer jusqu’à l’autre image</translation>
    </message>
    <message>
      <source>Others</source>
      <translation>Autres</translation>
    </message>
    <message>
      <source>Show the others</source>
      <translation>Montrer les autres</translation>
    </message>
    <message>
      <source>Centre</source>
      <translation>Centrer</translation>
    </message>
    <message>
      <source>Centre on this change</source>
      <translation>Centrer sur ce changement</translation>
    </message>
    <message>
      <source>Keep ⏎</source>
      <translation>Garder ⏎</translation>
    </message>
    <message>
      <source>Keep (Enter); leave it as it was with Esc</source>
      <translation>Garder (Entrée) ; laisser tel quel avec Échap</translation>
    </message>
    <message>
      <source>What it was; type the first letters</source>
      <translation>Ce que c’était ; tapez les premières lettres</translation>
    </message>
    <message>
      <source>What it is now; type the first letters</source>
      <translation>Ce que c’est maintenant ; tapez les premières lettres</translation>
    </message>
    <message>
      <source>A note on this change</source>
      <translation>Une note sur ce changement</translation>
    </message>
    <message>
      <source>It is saved with the change; an empty one takes the note away</source>
      <translation>Elle est enregistrée avec le changement ; une note vide l’efface</translation>
    </message>
    <message>
      <source>Order of the list</source>
      <translation>Ordre de la liste</translation>
    </message>
    <message>
      <source>Filter</source>
      <translation>Filtre</translation>
    </message>
    <message>
      <source>Show only some proposals: by class, size or status</source>
      <translation>N’afficher que certaines propositions : par classe, taille ou statut</translation>
    </message>
    <message>
      <source>from 0</source>
      <translation>à partir de 0</translation>
    </message>
    <message>
      <source>any class</source>
      <translation>toute classe</translation>
    </message>
    <message>
      <source>Filtered</source>
      <translation>Filtré</translation>
    </message>
    <message>
      <source>any status</source>
      <translation>tout statut</translation>
    </message>
    <message>
      <source>Change</source>
      <translation>Changement</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Taille</translation>
    </message>
    <message>
      <source>Status</source>
      <translation>Statut</translation>
    </message>
    <message>
      <source>Before: {0}</source>
      <translation>Avant : {0}</translation>
    </message>
    <message>
      <source>The layer of proposals</source>
      <translation>La couche de propositions</translation>
    </message>
    <message>
      <source>The earlier image</source>
      <translation>L’image la plus ancienne</translation>
    </message>
    <message>
      <source>The later image</source>
      <translation>L’image la plus récente</translation>
    </message>
    <message>
      <source>Ground shown around each proposal</source>
      <translation>Terrain montré autour de chaque proposition</translation>
    </message>
    <message>
      <source>margin</source>
      <translation>marge</translation>
    </message>
    <message>
      <source>No proposal is shown.</source>
      <translation>Aucune proposition n’est affichée.</translation>
    </message>
    <message>
      <source>by {0}, {1}</source>
      <translation>par {0}, {1}</translation>
    </message>
    <message>
      <source>note: {0}</source>
      <translation>note : {0}</translation>
    </message>
    <message>
      <source>Conf.</source>
      <translation>Conf.</translation>
    </message>
    <message>
      <source>Diachron needs its engine: a program of its own, so that QGIS's Python stays as it is.</source>
      <translation>Diachron a besoin de son moteur : un programme à part, pour que le Python de QGIS reste tel quel.</translation>
    </message>
    <message>
      <source>Choose an engine…</source>
      <translation>Choisir un moteur…</translation>
    </message>
    <message>
      <source>The program “diachron” of an environment that has it</source>
      <translation>Le programme « diachron » d’un environnement qui le contient</translation>
    </message>
    <message>
      <source>Set one up…</source>
      <translation>En installer un…</translation>
    </message>
    <message>
      <source>Make a private environment in this profile from the engine's wheel</source>
      <translation>Créer un environnement privé dans ce profil à partir du paquet (wheel) du moteur</translation>
    </message>
    <message>
      <source>Stop setting up, and take away what is installed so far</source>
      <translation>Arrêter l’installation, et retirer ce qui est installé jusqu’ici</translation>
    </message>
    <message>
      <source>The engine's program</source>
      <translation>Le programme du moteur</translation>
    </message>
    <message>
      <source>The engine's wheel</source>
      <translation>Le paquet (wheel) du moteur</translation>
    </message>
    <message>
      <source>Wheels (*.whl)</source>
      <translation>Paquets wheel (*.whl)</translation>
    </message>
    <message>
      <source>Changes</source>
      <translation>Changements</translation>
    </message>
    <message>
      <source>Change probability</source>
      <translation>Probabilité de changement</translation>
    </message>
    <message>
      <source>Land cover</source>
      <translation>Occupation du sol</translation>
    </message>
    <message>
      <source>These layers are no longer in the project.</source>
      <translation>Ces couches ne sont plus dans le projet.</translation>
    </message>
    <message>
      <source>Aligning</source>
      <translation>Mise en correspondance des images</translation>
    </message>
    <message>
      <source>Reading the question</source>
      <translation>Lecture de la question</translation>
    </message>
    <message>
      <source>Looking at tiles</source>
      <translation>Examen des dalles</translation>
    </message>
    <message>
      <source>Measuring</source>
      <translation>Mesure</translation>
    </message>
    <message>
      <source>Writing the answer</source>
      <translation>Rédaction de la réponse</translation>
    </message>
    <message>
      <source>Saving</source>
      <translation>Enregistrement</translation>
    </message>
    <message>
      <source>to decide</source>
      <translation>à vérifier</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>accepté</translation>
    </message>
    <message>
      <source>rejected</source>
      <translation>rejeté</translation>
    </message>
    <message>
      <source>edited</source>
      <translation>corrigé</translation>
    </message>
    <message>
      <source>Surest first</source>
      <translation>Les plus sûrs d’abord</translation>
    </message>
    <message>
      <source>Least sure first</source>
      <translation>Les moins sûrs d’abord</translation>
    </message>
    <message>
      <source>Largest first</source>
      <translation>Les plus grands d’abord</translation>
    </message>
    <message>
      <source>Smallest first</source>
      <translation>Les plus petits d’abord</translation>
    </message>
    <message>
      <source>By position</source>
      <translation>Par position</translation>
    </message>
    <message>
      <source>{0} s left</source>
      <translation>encore {0} s</translation>
    </message>
    <message>
      <source>{0} min left</source>
      <translation>encore {0} min</translation>
    </message>
    <message>
      <source>The engine was not found or does not start</source>
      <translation>Le moteur est introuvable ou ne démarre pas</translation>
    </message>
    <message>
      <source>choose one, or set one up, at the top of the dock</source>
      <translation>choisissez-en un, ou installez-en un, en haut du panneau</translation>
    </message>
    <message>
      <source>The engine stopped in mid-question</source>
      <translation>Le moteur s’est arrêté au milieu de la question</translation>
    </message>
    <message>
      <source>ask again; it starts anew</source>
      <translation>posez-la de nouveau ; il redémarre</translation>
    </message>
    <message>
      <source>{0}: {1}</source>
      <translation>{0} : {1}</translation>
    </message>
    <message>
      <source>{0}; {1}</source>
      <translation>{0} ; {1}</translation>
    </message>
    <message>
      <source>.</source>
      <translation>,</translation>
    </message>
    <message>
      <source>That is not an engine wheel (.whl)</source>
      <translation>Ce n’est pas un paquet du moteur (.whl)</translation>
    </message>
    <message>
      <source>Stopped; what was installed is taken away again</source>
      <translation>Arrêté ; ce qui était installé est retiré</translation>
    </message>
    <message>
      <source>Making a private environment</source>
      <translation>Création d’un environnement privé</translation>
    </message>
    <message>
      <source>Installing torch</source>
      <translation>Installation de torch</translation>
    </message>
    <message>
      <source>Installing the engine</source>
      <translation>Installation du moteur</translation>
    </message>
    <message>
      <source>Checking it</source>
      <translation>Vérification</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>Prêt</translation>
    </message>
    <message>
      <source>The engine is set up</source>
      <translation>Le moteur est installé</translation>
    </message>
    <message>
      <source>Python could not be started; install Python 3.11 or newer</source>
      <translation>Python n’a pas pu être lancé ; installez Python 3.11 ou plus récent</translation>
    </message>
    <message>
      <source>{0} failed; the log says why</source>
      <translation>Échec : {0} ; le journal dit pourquoi</translation>
    </message>
    <message>
      <source>The report could not be made: {0}</source>
      <translation>Le rapport n’a pas pu être produit : {0}</translation>
    </message>
    <message>
      <source>it was stopped</source>
      <translation>il a été arrêté</translation>
    </message>
    <message>
      <source>QGIS's Python could not be started: {0}</source>
      <translation>Le Python de QGIS n’a pas pu être lancé : {0}</translation>
    </message>
    <message>
      <source>Draw a rectangle on the map first</source>
      <translation>Dessinez d’abord un rectangle sur la carte</translation>
    </message>
    <message>
      <source>The map does not show these rasters; zoom to them, or choose the overlap</source>
      <translation>La carte ne montre pas ces rasters ; zoomez dessus, ou choisissez le recouvrement</translation>
    </message>
    <message>
      <source>Make a polygon layer the current one, and select polygons in it</source>
      <translation>Rendez courante une couche de polygones, et sélectionnez-y des polygones</translation>
    </message>
    <message>
      <source>Select one or more polygons of the current layer</source>
      <translation>Sélectionnez un ou plusieurs polygones de la couche courante</translation>
    </message>
    <message>
      <source>No pair of rasters was found in {0}; see the help for how they are named</source>
      <translation>Aucun couple de rasters n’a été trouvé dans {0} ; voyez dans l’aide comment les nommer</translation>
    </message>
    <message>
      <source>The id {0} comes twice in {1}; give each place its own</source>
      <translation>L’identifiant {0} figure deux fois dans {1} ; donnez à chaque lieu le sien</translation>
    </message>
    <message>
      <source>Line {0} of {1} has no id, before or after; the first line names these columns</source>
      <translation>La ligne {0} de {1} n’a pas d’id, de before ou d’after ; la première ligne nomme ces colonnes</translation>
    </message>
    <message>
      <source>{0} is no CSV and no collection of STAC items; give one of them</source>
      <translation>{0} n’est ni un CSV ni une collection d’items STAC ; donnez l’un ou l’autre</translation>
    </message>
    <message>
      <source>{0} cannot be read; name a folder, a CSV or a GeoJSON file</source>
      <translation>{0} ne peut pas être lu ; indiquez un dossier, un fichier CSV ou GeoJSON</translation>
    </message>
    <message>
      <source>count</source>
      <translation>nombre</translation>
    </message>
    <message>
      <source>area</source>
      <translation>surface</translation>
    </message>
    <message>
      <source>list</source>
      <translation>liste</translation>
    </message>
    <message>
      <source>where</source>
      <translation>où</translation>
    </message>
    <message>
      <source>segment</source>
      <translation>tracé</translation>
    </message>
    <message>
      <source>change or not</source>
      <translation>changé ou non</translation>
    </message>
    <message>
      <source>change to what</source>
      <translation>devenu quoi</translation>
    </message>
    <message>
      <source>change from what</source>
      <translation>à la place de quoi</translation>
    </message>
    <message>
      <source>largest change</source>
      <translation>plus grand changement</translation>
    </message>
    <message>
      <source>smallest change</source>
      <translation>plus petit changement</translation>
    </message>
    <message>
      <source>change ratio</source>
      <translation>part changée</translation>
    </message>
    <message>
      <source>change ratio by class</source>
      <translation>part changée, par classe</translation>
    </message>
    <message>
      <source>increase or not</source>
      <translation>augmenté ou non</translation>
    </message>
    <message>
      <source>decrease or not</source>
      <translation>diminué ou non</translation>
    </message>
    <message>
      <source>semantic map</source>
      <translation>carte d’occupation du sol</translation>
    </message>
    <message>
      <source>class at</source>
      <translation>classe à une date</translation>
    </message>
    <message>
      <source>damage</source>
      <translation>dommages</translation>
    </message>
    <message>
      <source>temporary or permanent</source>
      <translation>temporaire ou durable</translation>
    </message>
    <message>
      <source>caption</source>
      <translation>description</translation>
    </message>
    <message>
      <source>report</source>
      <translation>rapport</translation>
    </message>
    <message>
      <source>unanswerable</source>
      <translation>sans réponse possible</translation>
    </message>
    <message>
      <source>whole area</source>
      <translation>toute l’emprise</translation>
    </message>
    <message>
      <source>before</source>
      <translation>avant</translation>
    </message>
    <message>
      <source>after</source>
      <translation>après</translation>
    </message>
    <message>
      <source>north</source>
      <translation>nord</translation>
    </message>
    <message>
      <source>north-east</source>
      <translation>nord-est</translation>
    </message>
    <message>
      <source>east</source>
      <translation>est</translation>
    </message>
    <message>
      <source>south-east</source>
      <translation>sud-est</translation>
    </message>
    <message>
      <source>south</source>
      <translation>sud</translation>
    </message>
    <message>
      <source>south-west</source>
      <translation>sud-ouest</translation>
    </message>
    <message>
      <source>west</source>
      <translation>ouest</translation>
    </message>
    <message>
      <source>north-west</source>
      <translation>nord-ouest</translation>
    </message>
    <message>
      <source>centre</source>
      <translation>centre</translation>
    </message>
    <message>
      <source>no level told</source>
      <translation>niveau non indiqué</translation>
    </message>
    <message>
      <source>no damage</source>
      <translation>aucun dommage</translation>
    </message>
    <message>
      <source>minor damage</source>
      <translation>dommages légers</translation>
    </message>
    <message>
      <source>major damage</source>
      <translation>dommages importants</translation>
    </message>
    <message>
      <source>destroyed</source>
      <translation>détruit</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Images</translation>
    </message>
    <message>
      <source>Decision</source>
      <translation>Décision</translation>
    </message>
    <message>
      <source>Where it comes from</source>
      <translation>Provenance</translation>
    </message>
    <message>
      <source>Caption</source>
      <translation>Légende</translation>
    </message>
    <message>
      <source>Damage</source>
      <translation>Dommages</translation>
    </message>
    <message>
      <source>It was</source>
      <translation>C’était</translation>
    </message>
    <message>
      <source>It is</source>
      <translation>C’est</translation>
    </message>
    <message>
      <source>Probability of what it was</source>
      <translation>Probabilité de ce que c’était</translation>
    </message>
    <message>
      <source>Probability of what it is</source>
      <translation>Probabilité de ce que c’est</translation>
    </message>
    <message>
      <source>Area (m²)</source>
      <translation>Surface (m²)</translation>
    </message>
    <message>
      <source>Decided by</source>
      <translation>Décidé par</translation>
    </message>
    <message>
      <source>Decided at</source>
      <translation>Décidé le</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modèle</translation>
    </message>
    <message>
      <source>Adapter</source>
      <translation>Adaptateur</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Licence</translation>
    </message>
    <message>
      <source>Changes as {0}</source>
      <translation>Changements en {0}</translation>
    </message>
    <message>
      <source>Rasters as {0}</source>
      <translation>Rasters en {0}</translation>
    </message>
    <message>
      <source>Transition matrix as {0}</source>
      <translation>Matrice de transition en {0}</translation>
    </message>
    <message>
      <source>Recipe as {0}</source>
      <translation>Recette en {0}</translation>
    </message>
    <message>
      <source>Field names of 10 characters, no NULL, texts of 254 bytes, 2 GB at most; what that costs is said when it is written</source>
      <translation>Noms de champs de 10 caractères, pas de NULL, textes de 254 octets, 2 Go au plus ; ce que cela coûte est dit lors de l’écriture</translation>
    </message>
    <message>
      <source>Always in longitude and latitude (WGS 84)</source>
      <translation>Toujours en longitude et latitude (WGS 84)</translation>
    </message>
    <message>
      <source>A folder with the probability of change and the land cover at each date</source>
      <translation>Un dossier avec la probabilité de changement et l’occupation du sol à chaque date</translation>
    </message>
    <message>
      <source>,</source>
      <translation> </translation>
    </message>
    <message>
      <source>{0} rendered at {1} a pixel</source>
      <translation>{0} rendu à {1} par pixel</translation>
    </message>
    <message>
      <source>The layer would be rendered at {0} x {1} pixels, more than {2} a side</source>
      <translation>La couche serait rendue en {0} x {1} pixels, plus de {2} par côté</translation>
    </message>
    <message>
      <source>choose a smaller area</source>
      <translation>choisissez une emprise plus petite</translation>
    </message>
    <message>
      <source>check that the layer is shown there and that the results folder can be written</source>
      <translation>vérifiez que la couche y est affichée et que le dossier des résultats est accessible en écriture</translation>
    </message>
    <message>
      <source>{0} could not be rendered</source>
      <translation>{0} n’a pas pu être rendu</translation>
    </message>
    <message>
      <source>drawn where the change probability is {0} or more, {1} {2} at least</source>
      <translation>dessiné là où la probabilité de changement est de {0} ou plus, {1} {2} au moins</translation>
    </message>
    <message>
      <source>compared: {0}</source>
      <translation>comparé : {0}</translation>
    </message>
    <message>
      <source>asked of {0}: {1}</source>
      <translation>demandé à {0} : {1}</translation>
    </message>
    <message>
      <source>image of {0}</source>
      <translation>image du {0}</translation>
    </message>
    <message>
      <source>image</source>
      <translation>image</translation>
    </message>
    <message>
      <source>two sets have the same id</source>
      <translation>deux jeux ont le même id</translation>
    </message>
    <message>
      <source>Question sets cannot be read ({0}): {1}; mend the file, or delete it</source>
      <translation>Les jeux de questions ne peuvent pas être lus ({0}) : {1} ; corrigez le fichier, ou supprimez-le</translation>
    </message>
    <message>
      <source>Question sets cannot be written ({0}): {1}; make room, or mend the folder's rights</source>
      <translation>Les jeux de questions ne peuvent pas être écrits ({0}) : {1} ; faites de la place, ou corrigez les droits du dossier</translation>
    </message>
    <message>
      <source>{0} has no questions</source>
      <translation>{0} n’a pas de questions</translation>
    </message>
    <message>
      <source>there is no style {0}; styles are {1}</source>
      <translation>le style {0} n’existe pas ; les styles sont {1}</translation>
    </message>
    <message>
      <source>an object was expected</source>
      <translation>un objet était attendu</translation>
    </message>
    <message>
      <source>unknown: {0}</source>
      <translation>inconnu : {0}</translation>
    </message>
    <message>
      <source>a list was expected</source>
      <translation>une liste était attendue</translation>
    </message>
    <message>
      <source>a text was expected</source>
      <translation>un texte était attendu</translation>
    </message>
    <message>
      <source>{0} is no number from 0 to {1:g}</source>
      <translation>{0} n’est pas un nombre de 0 à {1:g}</translation>
    </message>
    <message>
      <source>Trained at</source>
      <translation>Entraîné à</translation>
    </message>
    <message>
      <source>{0} m a pixel and coarser</source>
      <translation>{0} m par pixel et plus grossier</translation>
    </message>
    <message>
      <source>Trained on</source>
      <translation>Entraîné sur</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>Poids</translation>
    </message>
    <message>
      <source>Model and licence</source>
      <translation>Modèle et licence</translation>
    </message>
    <message>
      <source>Licence of the weights: {0}</source>
      <translation>Licence des poids : {0}</translation>
    </message>
    <message>
      <source>shift {0}, {1} px, confidence {2}</source>
      <translation>décalage {0} en x et {1} en y, en pixels, confiance {2}</translation>
    </message>
    <message>
      <source>{0}: {1} % without data, {2} % cloud</source>
      <translation>{0} : {1} % sans données, {2} % de nuages</translation>
    </message>
    <message>
      <source>Preflight</source>
      <translation>Contrôle préalable</translation>
    </message>
    <message>
      <source>no coordinate system</source>
      <translation>pas de système de coordonnées</translation>
    </message>
    <message>
      <source>no date</source>
      <translation>pas de date</translation>
    </message>
    <message>
      <source>The images were brought onto one metric grid and the shift between them measured. A vision and language model read the question, then mapped change and land cover on every tile. What passed the threshold and the minimum mapping unit became polygons, whose areas are measured on the ellipsoid. The answer's sentence was written by the model, its numbers were not: each is measured on the polygons. A map of this kind holds errors; what matters should be checked by eye, which the review records.</source>
      <translation>Les images ont été amenées sur une même grille métrique et le décalage entre elles mesuré. Un modèle de vision et de langage a lu la question, puis a cartographié le changement et l’occupation du sol sur chaque dalle. Ce qui a passé le seuil et l’unité minimale de collecte est devenu des polygones, dont les surfaces sont mesurées sur l’ellipsoïde. La phrase de la réponse a été écrite par le modèle, pas ses nombres : chacun est mesuré sur les polygones. Une carte de ce genre contient des erreurs ; ce qui compte doit être vérifié à l’œil, ce que la vérification consigne.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Méthode</translation>
    </message>
    <message>
      <source>Reading of the question</source>
      <translation>Lecture de la question</translation>
    </message>
    <message>
      <source>Threshold</source>
      <translation>Seuil</translation>
    </message>
    <message>
      <source>all that the images share</source>
      <translation>tout ce que les images partagent</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Réglages</translation>
    </message>
    <message>
      <source>Rejected changes are left out of this report's maps, tables and sums.</source>
      <translation>Les changements rejetés sont écartés des cartes, tableaux et sommes de ce rapport.</translation>
    </message>
    <message>
      <source>The recipe saved with the result makes it again, to the same polygons, in QGIS (the algorithm “Make a recipe again”) or with the command: diachron ask --recipe recipe.json --out FOLDER. Engine {0}.</source>
      <translation>La recette enregistrée avec le résultat le refait, aux mêmes polygones, dans QGIS (algorithme « Refaire une recette ») ou avec la commande : diachron ask --recipe recipe.json --out DOSSIER. Moteur {0}.</translation>
    </message>
    <message>
      <source>To make it again</source>
      <translation>Pour le refaire</translation>
    </message>
    <message>
      <source>Change report</source>
      <translation>Rapport de changements</translation>
    </message>
    <message>
      <source>changes</source>
      <translation>changements</translation>
    </message>
    <message>
      <source>changed in all</source>
      <translation>changés en tout</translation>
    </message>
    <message>
      <source>mean confidence</source>
      <translation>confiance moyenne</translation>
    </message>
    <message>
      <source>reviewed by a person</source>
      <translation>vérifiés à l’œil</translation>
    </message>
    <message>
      <source>What became what</source>
      <translation>Ce qui est devenu quoi</translation>
    </message>
    <message>
      <source>from (rows) to (columns), {0}</source>
      <translation>de (lignes) vers (colonnes), {0}</translation>
    </message>
    <message>
      <source>total</source>
      <translation>total</translation>
    </message>
    <message>
      <source>Flow of areas</source>
      <translation>Flux de surfaces</translation>
    </message>
    <message>
      <source>Area and number of changes</source>
      <translation>Surface et nombre des changements</translation>
    </message>
    <message>
      <source>others</source>
      <translation>autres</translation>
    </message>
    <message>
      <source>The largest changes</source>
      <translation>Les plus grands changements</translation>
    </message>
    <message>
      <source>no. {0}</source>
      <translation>n° {0}</translation>
    </message>
    <message>
      <source>How this was made</source>
      <translation>Comment cela a été fait</translation>
    </message>
    <message>
      <source>not reviewed</source>
      <translation>non vérifié</translation>
    </message>
    <message>
      <source>corrected</source>
      <translation>corrigé</translation>
    </message>
    <message>
      <source>{0} became {1}</source>
      <translation>{0} devient {1}</translation>
    </message>
    <message>
      <source>Not saved: {0}</source>
      <translation>Non enregistré : {0}</translation>
    </message>
    <message>
      <source>Ask what has changed between two rasters</source>
      <translation>Demander ce qui a changé entre deux rasters</translation>
    </message>
    <message>
      <source>Review changes</source>
      <translation>Vérifier les changements</translation>
    </message>
    <message>
      <source>Make a recipe again…</source>
      <translation>Refaire une recette…</translation>
    </message>
    <message>
      <source>Ask what has changed</source>
      <translation>Demander ce qui a changé</translation>
    </message>
    <message>
      <source>change detection,question,difference,time,before,after</source>
      <translation>détection de changements,question,différence,temps,diachronique,avant,après</translation>
    </message>
    <message>
      <source>Answers a question in plain words, in English or French, about two rasters of the same place: “How many buildings are new?”, “Quelle surface a été imperméabilisée ?”.

The answer's text goes to the log and to the output ANSWER; every number in it was measured on the polygons of the output “Changes”, which carry the class before, the class after, the area in m² (geodesic) and the confidence. The change probability and the land cover at each date can be had as rasters, and the whole result as a folder, with the recipe that makes it again.

The images stay on this machine. What is proposed is to be checked by eye: the weights' card says what they were trained on and under which licence they may be used.</source>
      <translation>Répond à une question en langage courant, en anglais ou en français, sur deux rasters du même lieu : « How many buildings are new? », « Quelle surface a été imperméabilisée ? ».

Le texte de la réponse va dans le journal et dans la sortie ANSWER ; chaque nombre y a été mesuré sur les polygones de la sortie « Changements », qui portent la classe avant, la classe après, la surface en m² (géodésique) et la confiance. La probabilité de changement et l’occupation du sol à chaque date peuvent être obtenues en rasters, et le résultat entier en dossier, avec la recette qui le refait.

Les images restent sur cette machine. Ce qui est proposé est à vérifier à l’œil : la fiche des poids dit sur quoi ils ont été entraînés et sous quelle licence ils peuvent être utilisés.</translation>
    </message>
    <message>
      <source>What has changed?</source>
      <translation>Qu’est-ce qui a changé ?</translation>
    </message>
    <message>
      <source>In English or French.</source>
      <translation>En anglais ou en français.</translation>
    </message>
    <message>
      <source>Diachron's engine was not found; open the Diachron panel, choose it or set one up there</source>
      <translation>Le moteur de Diachron est introuvable ; ouvrez le panneau Diachron, choisissez-le ou installez-en un</translation>
    </message>
    <message>
      <source>Probability from which a pixel counts as changed; empty for the model's own.</source>
      <translation>Probabilité à partir de laquelle un pixel compte comme changé ; vide pour celle du modèle.</translation>
    </message>
    <message>
      <source>Minimum mapping unit (m²)</source>
      <translation>Unité minimale de collecte (m²)</translation>
    </message>
    <message>
      <source>Smaller changes are left out; empty for what suits the resolution.</source>
      <translation>Les changements plus petits sont écartés ; vide pour ce qui convient à la résolution.</translation>
    </message>
    <message>
      <source>Ground sample distance (m)</source>
      <translation>Résolution au sol (m)</translation>
    </message>
    <message>
      <source>Metres per pixel, for rasters without a coordinate system.</source>
      <translation>Mètres par pixel, pour les rasters sans système de coordonnées.</translation>
    </message>
    <message>
      <source>As the question</source>
      <translation>Comme la question</translation>
    </message>
    <message>
      <source>Language of the answer</source>
      <translation>Langue de la réponse</translation>
    </message>
    <message>
      <source>Vocabulary</source>
      <translation>Nomenclature</translation>
    </message>
    <message>
      <source>A file of classes to use instead of the default ones.</source>
      <translation>Un fichier de classes à utiliser à la place de celles par défaut.</translation>
    </message>
    <message>
      <source>An installed model's name, or a folder; empty for the engine's default.</source>
      <translation>Le nom d’un modèle installé, ou un dossier ; vide pour celui par défaut du moteur.</translation>
    </message>
    <message>
      <source>A folder with an adapter for the model.</source>
      <translation>Un dossier contenant un adaptateur du modèle.</translation>
    </message>
    <message>
      <source>A raster of any kind that QGIS shows.</source>
      <translation>Un raster de n’importe quel type que QGIS affiche.</translation>
    </message>
    <message>
      <source>A rectangle to look at; empty for all the ground that both rasters show.</source>
      <translation>Un rectangle à examiner ; vide pour tout le terrain que les deux rasters montrent.</translation>
    </message>
    <message>
      <source>Polygons to look at</source>
      <translation>Polygones à examiner</translation>
    </message>
    <message>
      <source>Only what these polygons cover is looked at.</source>
      <translation>Seul ce que ces polygones couvrent est examiné.</translation>
    </message>
    <message>
      <source>Date before</source>
      <translation>Date avant</translation>
    </message>
    <message>
      <source>Date after</source>
      <translation>Date après</translation>
    </message>
    <message>
      <source>Such as 2018 or 2018-06-30; it is written with the results.</source>
      <translation>Par exemple 2018 ou 2018-06-30 ; elle est écrite avec les résultats.</translation>
    </message>
    <message>
      <source>The area holds no polygon; choose another one</source>
      <translation>L’emprise ne contient pas de polygone ; choisissez-en une autre</translation>
    </message>
    <message>
      <source>Ask about many places</source>
      <translation>Interroger de nombreux lieux</translation>
    </message>
    <message>
      <source>batch,folder,manifest,stac,many</source>
      <translation>lot,dossier,manifeste,stac,nombreux</translation>
    </message>
    <message>
      <source>Asks one question about every pair of rasters of a folder or a manifest.

A folder has two folders in it, before and after (or avant and apres, pre and post, A and B), with files of the same names; or files of one name but for that word or a date: lyon_2018.tif, lyon_2023.tif.
A CSV manifest has the columns id, before, after, and where wanted before_date, after_date and gsd.
A GeoJSON manifest is a collection of STAC items: each with the assets before and after; or with one raster each, those of one place (grid:code, else the same bbox) being put in the order of their datetime.

Each place gets a folder with its result. Places that have one already are not asked again, so a batch that was stopped goes on where it was. The layer has the outline of each place, its answer, and why there is none.</source>
      <translation>Pose une question sur chaque couple de rasters d’un dossier ou d’un manifeste.

Un dossier contient deux dossiers, before et after (ou avant et apres, pre et post, A et B), avec des fichiers de mêmes noms ; ou des fichiers de même nom à ce mot ou à une date près : lyon_2018.tif, lyon_2023.tif.
Un manifeste CSV a les colonnes id, before, after et, si besoin, before_date, after_date et gsd.
Un manifeste GeoJSON est une collection d’items STAC : chacun avec les ressources before et after ; ou avec un seul raster chacun, ceux d’un même lieu (grid:code, sinon même bbox) étant rangés dans l’ordre de leur datetime.

Chaque lieu reçoit un dossier avec son résultat. Les lieux qui en ont déjà un ne sont pas interrogés de nouveau : un lot arrêté reprend où il en était. La couche porte le contour de chaque lieu, sa réponse, ou pourquoi il n’y en a pas.</translation>
    </message>
    <message>
      <source>Folder of rasters</source>
      <translation>Dossier de rasters</translation>
    </message>
    <message>
      <source>With folders before and after in it, or with a date in the files' names.</source>
      <translation>Contenant les dossiers before et after, ou des fichiers dont le nom porte une date.</translation>
    </message>
    <message>
      <source>Or a manifest</source>
      <translation>Ou un manifeste</translation>
    </message>
    <message>
      <source>A CSV, or a collection of STAC items (GeoJSON).</source>
      <translation>Un CSV, ou une collection d’items STAC (GeoJSON).</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Résultats</translation>
    </message>
    <message>
      <source>Places</source>
      <translation>Lieux</translation>
    </message>
    <message>
      <source>Places without an answer</source>
      <translation>Lieux sans réponse</translation>
    </message>
    <message>
      <source>Choose a folder of rasters or a manifest, one of the two</source>
      <translation>Choisissez un dossier de rasters ou un manifeste, l’un des deux</translation>
    </message>
    <message>
      <source>is answered already</source>
      <translation>a déjà sa réponse</translation>
    </message>
    <message>
      <source>Map changes from and to classes</source>
      <translation>Cartographier les changements d’une classe à une autre</translation>
    </message>
    <message>
      <source>change detection,difference,segmentation,from,to</source>
      <translation>détection de changements,différence,segmentation,depuis,vers</translation>
    </message>
    <message>
      <source>Draws what became something else between two dates, from any of the classes “From” to any of the classes “To”. Classes are words, with commas between them: building, impervious surface, greenhouse; empty for any. Words that the vocabulary does not have are looked for too, and flagged as untested.

The outputs are polygons with both classes, area and confidence, and the change probability as a raster.</source>
      <translation>Dessine ce qui est devenu autre chose entre deux dates, de l’une des classes « Depuis » à l’une des classes « Vers ». Les classes sont des mots séparés par des virgules : bâtiment, surface imperméable, serre ; vide pour toutes. Les mots que la nomenclature n’a pas sont cherchés aussi, et signalés comme non testés.

Les sorties sont des polygones avec les deux classes, la surface et la confiance, et la probabilité de changement en raster.</translation>
    </message>
    <message>
      <source>Classes with commas between them, in English or French; empty for any.</source>
      <translation>Classes séparées par des virgules, en anglais ou en français ; vide pour toutes.</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Depuis</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Vers</translation>
    </message>
    <message>
      <source>Show the changes</source>
      <translation>Montre les changements</translation>
    </message>
    <message>
      <source>Show where {0} appeared</source>
      <translation>Montre où est apparu : {0}</translation>
    </message>
    <message>
      <source>Show where {0} disappeared</source>
      <translation>Montre où a disparu : {0}</translation>
    </message>
    <message>
      <source>Show where {0} became {1}</source>
      <translation>Montre où {0} est devenu {1}</translation>
    </message>
    <message>
      <source>Export a result</source>
      <translation>Exporter un résultat</translation>
    </message>
    <message>
      <source>Writes the changes of a result as GeoPackage, GeoParquet, FlatGeobuf, GeoJSON or Shapefile, its rasters as COG (a folder), its transition matrix as CSV or XLSX, or its recipe.

Changes that a person has rejected are left out unless you choose them. Shapefile has field names of ten characters, no NULL, texts of 254 bytes and files of 2 GB; what that costs a result is said in the log.</source>
      <translation>Écrit les changements d’un résultat en GeoPackage, GeoParquet, FlatGeobuf, GeoJSON ou Shapefile, ses rasters en COG (un dossier), sa matrice de transition en CSV ou XLSX, ou sa recette.

Les changements qu’une personne a rejetés sont écartés, sauf si vous les choisissez. Le Shapefile a des noms de champ de dix caractères, pas de NULL, des textes de 254 octets et des fichiers de 2 Go ; ce que cela coûte à un résultat est dit dans le journal.</translation>
    </message>
    <message>
      <source>Folder of the result</source>
      <translation>Dossier du résultat</translation>
    </message>
    <message>
      <source>A folder with an answer.json, as the Diachron panel and the algorithms save it.</source>
      <translation>Un dossier avec un answer.json, tel que le panneau Diachron et les algorithmes l’enregistrent.</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>Format</translation>
    </message>
    <message>
      <source>Changes that are</source>
      <translation>Changements au statut</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Fichier</translation>
    </message>
    <message>
      <source>For COG, a folder.</source>
      <translation>Pour COG, un dossier.</translation>
    </message>
    <message>
      <source>The layer cannot be rendered</source>
      <translation>La couche ne peut pas être rendue</translation>
    </message>
    <message>
      <source>{0} is no file; choose an area to render it over</source>
      <translation>{0} n’est pas un fichier ; choisissez une emprise sur laquelle le rendre</translation>
    </message>
    <message>
      <source>{0} would be rendered to {1} x {2} pixels; choose a smaller area</source>
      <translation>{0} serait rendu en {1} x {2} pixels ; choisissez une emprise plus petite</translation>
    </message>
    <message>
      <source>Land cover before</source>
      <translation>Occupation du sol avant</translation>
    </message>
    <message>
      <source>Land cover after</source>
      <translation>Occupation du sol après</translation>
    </message>
    <message>
      <source>Whole result</source>
      <translation>Résultat entier</translation>
    </message>
    <message>
      <source>A new folder for the answer, its layers and its recipe, as the Diachron panel saves them.</source>
      <translation>Un nouveau dossier pour la réponse, ses couches et sa recette, tels que le panneau Diachron les enregistre.</translation>
    </message>
    <message>
      <source>Answer</source>
      <translation>Réponse</translation>
    </message>
    <message>
      <source>Number of changes</source>
      <translation>Nombre de changements</translation>
    </message>
    <message>
      <source>Changed area (m²)</source>
      <translation>Surface changée (m²)</translation>
    </message>
    <message>
      <source>A GeoTIFF (.tif), optimised for the cloud (COG).</source>
      <translation>Un GeoTIFF (.tif) optimisé pour le nuage (COG).</translation>
    </message>
    <message>
      <source>Diachron: ask what has changed</source>
      <translation>Diachron : demander ce qui a changé</translation>
    </message>
    <message>
      <source>recipe,reproduce,again,provenance</source>
      <translation>recette,reproduire,refaire,provenance</translation>
    </message>
    <message>
      <source>Makes the answer of a recipe file again: the same question, area, settings and model on the same images give the same polygons. An image that is not the one of the recipe, or another model, is refused.

Images that are no longer where they were are looked for beside the recipe; or choose them here.</source>
      <translation>Refait la réponse d’un fichier de recette : la même question, la même emprise, les mêmes réglages et le même modèle sur les mêmes images donnent les mêmes polygones. Une image qui n’est pas celle de la recette, ou un autre modèle, est refusée.

Les images qui ne sont plus où elles étaient sont cherchées à côté de la recette ; ou choisissez-les ici.</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Recette</translation>
    </message>
    <message>
      <source>Where that image is now.</source>
      <translation>Où se trouve cette image maintenant.</translation>
    </message>
    <message>
      <source>database,update,change set,conflation,postgis</source>
      <translation>base de données,mise à jour,lot de modifications,appariement,postgis</translation>
    </message>
    <message>
      <source>Compares the accepted changes of a result with a polygon layer of a topographic database (PostGIS, GeoPackage, Shapefile), and lists which of its objects are created, removed, modified or confirmed.

The output is a change-set: a polygon for each object, with the action, the object's key, both classes, the areas before and after, and the attributes to write. The database is only read; to apply the list, use “Reconcile with a database” in the Diachron menu, or hand the change-set to another tool.

Classes: which value of the class field stands for which of Diachron's classes; without a class field, the one class that the whole layer holds.</source>
      <translation>Compare les changements acceptés d’un résultat avec une couche de polygones d’une base topographique (PostGIS, GeoPackage, Shapefile), et dresse la liste de ses objets créés, supprimés, modifiés ou confirmés.

La sortie est un lot de modifications : un polygone par objet, avec l’action, la clé de l’objet, les deux classes, les surfaces avant et après, et les attributs à écrire. La base est seulement lue ; pour appliquer la liste, prenez « Rapprocher d’une base de données » dans le menu Diachron, ou remettez le lot de modifications à un autre outil.

Classes : quelle valeur du champ de classe correspond à quelle classe de Diachron ; sans champ de classe, la seule classe que toute la couche contient.</translation>
    </message>
    <message>
      <source>The changes of a result; those that were accepted or edited count.</source>
      <translation>Les changements d’un résultat ; seuls comptent ceux qui ont été acceptés ou corrigés.</translation>
    </message>
    <message>
      <source>Class field</source>
      <translation>Champ de classe</translation>
    </message>
    <message>
      <source>Empty for a layer that holds one class.</source>
      <translation>Vide pour une couche qui contient une seule classe.</translation>
    </message>
    <message>
      <source>Such as building, Bâtiment; a class may have several values.</source>
      <translation>Par exemple building, Bâtiment ; une classe peut avoir plusieurs valeurs.</translation>
    </message>
    <message>
      <source>Change-set</source>
      <translation>Lot de modifications</translation>
    </message>
    <message>
      <source>Name at least one class</source>
      <translation>Indiquez au moins une classe</translation>
    </message>
    <message>
      <source>{0} changes are of classes that are not mapped</source>
      <translation>{0} changements sont de classes sans correspondance</translation>
    </message>
    <message>
      <source>Report of a result</source>
      <translation>Rapport d’un résultat</translation>
    </message>
    <message>
      <source>report,pdf,layout,print</source>
      <translation>rapport,pdf,mise en page,impression</translation>
    </message>
    <message>
      <source>Makes a PDF of a result: the question and its answer, a map, key figures, the transition table, a Sankey diagram and bars, close views of the largest changes before and after, the preflight, the images, the settings, and the model with the licence of its weights. Changes that a person has rejected are left out.

The print layout can be kept as a project of its own, to be changed in QGIS before it is printed.</source>
      <translation>Produit un PDF d’un résultat : la question et sa réponse, une carte, les chiffres clés, le tableau des transitions, un diagramme de Sankey et des barres, des vues rapprochées des plus grands changements avant et après, le contrôle préalable, les images, les réglages, et le modèle avec la licence de ses poids. Les changements qu’une personne a rejetés sont écartés.

La mise en page peut être gardée comme projet à part, à modifier dans QGIS avant l’impression.</translation>
    </message>
    <message>
      <source>Project with the layout</source>
      <translation>Projet avec la mise en page</translation>
    </message>
    <message>
      <source>Map the land cover at both dates</source>
      <translation>Cartographier l’occupation du sol aux deux dates</translation>
    </message>
    <message>
      <source>land cover,land use,classification,segmentation,semantic</source>
      <translation>occupation du sol,usage du sol,classification,segmentation,sémantique</translation>
    </message>
    <message>
      <source>Makes a land-cover raster of each of two dates, on one grid, with a colour and a name for each class. A pixel's value is the class's number in the vocabulary; 0 is no data.</source>
      <translation>Produit un raster d’occupation du sol à chacune des deux dates, sur une même grille, avec une couleur et un nom par classe. La valeur d’un pixel est le numéro de la classe dans la nomenclature ; 0 signifie sans données.</translation>
    </message>
    <message>
      <source>Map the land cover in both images</source>
      <translation>Cartographie l’occupation du sol sur les deux images</translation>
    </message>
    <message>
      <source>Transition matrix</source>
      <translation>Matrice de transition</translation>
    </message>
    <message>
      <source>transition,matrix,from,to,cross table,area,statistics</source>
      <translation>transition,matrice,depuis,vers,tableau croisé,surface,statistiques</translation>
    </message>
    <message>
      <source>Measures what became what between two dates: a table with a row for each class before and a column for each class after, in m² on the ellipsoid (geodesic), with sums.

The CSV table holds the changes. The workbook (XLSX) has them as one sheet, and as another the two land-cover maps compared pixel by pixel, where the diagonal is what stayed as it was.</source>
      <translation>Mesure ce qui est devenu quoi entre deux dates : un tableau avec une ligne par classe avant et une colonne par classe après, en m² sur l’ellipsoïde (géodésique), avec les sommes.

Le tableau CSV contient les changements. Le classeur (XLSX) les a dans une feuille, et dans une autre les deux cartes d’occupation du sol comparées pixel à pixel, où la diagonale est ce qui est resté tel quel.</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tableau</translation>
    </message>
    <message>
      <source>Workbook</source>
      <translation>Classeur</translation>
    </message>
  </context>
  <context>
    <name>Engine</name>
    <message>
      <source>the question is in a language Diachron does not speak</source>
      <translation>la question est dans une langue que Diachron ne parle pas</translation>
    </message>
    <message>
      <source>ask in English or French</source>
      <translation>posez-la en anglais ou en français</translation>
    </message>
    <message>
      <source>the model looks at {0} m</source>
      <translation>le modèle regarde à {0} m</translation>
    </message>
    <message>
      <source>untested phrase “{0}”</source>
      <translation>terme non testé « {0} »</translation>
    </message>
    <message>
      <source>the vocabulary does not have it; check by eye what was found</source>
      <translation>la nomenclature ne l’a pas ; vérifiez à l’œil ce qui a été trouvé</translation>
    </message>
    <message>
      <source>no adapter for damage is loaded: its levels are not told</source>
      <translation>aucun adaptateur pour les dommages n’est chargé : leurs niveaux ne sont pas indiqués</translation>
    </message>
    <message>
      <source>name one, such as damage</source>
      <translation>indiquez-en un, par exemple damage</translation>
    </message>
    <message>
      <source>no such adapter</source>
      <translation>cet adaptateur n’existe pas</translation>
    </message>
    <message>
      <source>installed are {0}; or name a folder with adapter_config.json</source>
      <translation>sont installés {0} ; ou indiquez un dossier avec adapter_config.json</translation>
    </message>
    <message>
      <source>the adapter has no card</source>
      <translation>l’adaptateur n’a pas de fiche</translation>
    </message>
    <message>
      <source>name a folder made by `diachron train`</source>
      <translation>indiquez un dossier produit par `diachron train`</translation>
    </message>
    <message>
      <source>the adapter's card cannot be read ({0})</source>
      <translation>la fiche de l’adaptateur ne peut pas être lue ({0})</translation>
    </message>
    <message>
      <source>install it again</source>
      <translation>installez-le de nouveau</translation>
    </message>
    <message>
      <source>the adapter is for a task {0} that this engine lacks</source>
      <translation>l’adaptateur est fait pour une tâche {0} que ce moteur n’a pas</translation>
    </message>
    <message>
      <source>update it</source>
      <translation>mettez le moteur à jour</translation>
    </message>
    <message>
      <source>the adapter was trained on other weights, {0} {1}</source>
      <translation>l’adaptateur a été entraîné sur d’autres poids, {0} {1}</translation>
    </message>
    <message>
      <source>train it again on {0}, or use those weights</source>
      <translation>entraînez-le de nouveau sur {0}, ou prenez ces poids</translation>
    </message>
    <message>
      <source>the adapter does not fit the model ({0})</source>
      <translation>l’adaptateur ne convient pas au modèle ({0})</translation>
    </message>
    <message>
      <source>train it again</source>
      <translation>entraînez-le de nouveau</translation>
    </message>
    <message>
      <source>the model has no card</source>
      <translation>le modèle n’a pas de fiche</translation>
    </message>
    <message>
      <source>the model's card cannot be read ({0})</source>
      <translation>la fiche du modèle ne peut pas être lue ({0})</translation>
    </message>
    <message>
      <source>install the weights again</source>
      <translation>installez les poids de nouveau</translation>
    </message>
    <message>
      <source>the model's configuration cannot be read</source>
      <translation>la configuration du modèle ne peut pas être lue</translation>
    </message>
    <message>
      <source>name a folder with config.json and safetensors weights</source>
      <translation>indiquez un dossier avec config.json et des poids safetensors</translation>
    </message>
    <message>
      <source>a model of type {0} cannot be used</source>
      <translation>un modèle de type {0} ne peut pas être utilisé</translation>
    </message>
    <message>
      <source>use diachron or video_llama_3</source>
      <translation>prenez diachron ou video_llama_3</translation>
    </message>
    <message>
      <source>the weights cannot be read</source>
      <translation>les poids ne peuvent pas être lus</translation>
    </message>
    <message>
      <source>the weights are a pickle, which can run code</source>
      <translation>les poids sont un pickle, qui peut exécuter du code</translation>
    </message>
    <message>
      <source>use a folder with safetensors weights</source>
      <translation>prenez un dossier avec des poids safetensors</translation>
    </message>
    <message>
      <source>no such model</source>
      <translation>ce modèle n’existe pas</translation>
    </message>
    <message>
      <source>installed are {0}; or name a folder</source>
      <translation>sont installés {0} ; ou indiquez un dossier</translation>
    </message>
    <message>
      <source>a file of the model is missing</source>
      <translation>un fichier du modèle manque</translation>
    </message>
    <message>
      <source>a file of the model is corrupt (its checksum differs)</source>
      <translation>un fichier du modèle est corrompu (sa somme de contrôle diffère)</translation>
    </message>
    <message>
      <source>the memory is too small for one tile</source>
      <translation>la mémoire est trop petite pour une seule dalle</translation>
    </message>
    <message>
      <source>use --device cpu</source>
      <translation>prenez --device cpu</translation>
    </message>
    <message>
      <source>the checkpoint has no image decoder of its own</source>
      <translation>le modèle n’a pas de décodeur d’images à lui</translation>
    </message>
    <message>
      <source>name an adapter too, made by `diachron train`</source>
      <translation>indiquez aussi un adaptateur, produit par `diachron train`</translation>
    </message>
    <message>
      <source>name a folder with a card</source>
      <translation>indiquez un dossier avec une fiche</translation>
    </message>
    <message>
      <source>no such device</source>
      <translation>ce matériel de calcul n’existe pas</translation>
    </message>
    <message>
      <source>use cpu, cuda or auto</source>
      <translation>prenez cpu, cuda ou auto</translation>
    </message>
    <message>
      <source>no GPU can be used here</source>
      <translation>aucune carte graphique ne peut être utilisée ici</translation>
    </message>
    <message>
      <source>the vocabulary has no room for another class</source>
      <translation>la nomenclature n’a plus de place pour une autre classe</translation>
    </message>
    <message>
      <source>take classes out of it</source>
      <translation>retirez-en des classes</translation>
    </message>
    <message>
      <source>the vocabulary cannot be read</source>
      <translation>la nomenclature ne peut pas être lue</translation>
    </message>
    <message>
      <source>name a file that exists</source>
      <translation>indiquez un fichier qui existe</translation>
    </message>
    <message>
      <source>the vocabulary is not JSON ({0})</source>
      <translation>la nomenclature n’est pas du JSON ({0})</translation>
    </message>
    <message>
      <source>mend that line</source>
      <translation>corrigez cette ligne</translation>
    </message>
    <message>
      <source>the vocabulary has no classes</source>
      <translation>la nomenclature n’a pas de classes</translation>
    </message>
    <message>
      <source>give a list "classes"</source>
      <translation>donnez une liste "classes"</translation>
    </message>
    <message>
      <source>"groups" is not a list</source>
      <translation>"groups" n’est pas une liste</translation>
    </message>
    <message>
      <source>put the groups in square brackets</source>
      <translation>mettez les groupes entre crochets</translation>
    </message>
    <message>
      <source>id {0} is not a whole number from 1 to 254</source>
      <translation>l’identifiant {0} n’est pas un nombre entier de 1 à 254</translation>
    </message>
    <message>
      <source>give one</source>
      <translation>donnez-en un</translation>
    </message>
    <message>
      <source>colour {0} is not #rrggbb</source>
      <translation>la couleur {0} n’est pas de la forme #rrggbb</translation>
    </message>
    <message>
      <source>give six hexadecimal digits</source>
      <translation>donnez six chiffres hexadécimaux</translation>
    </message>
    <message>
      <source>the entry is not an object</source>
      <translation>l’entrée n’est pas un objet</translation>
    </message>
    <message>
      <source>write {0}</source>
      <translation>écrivez {0}</translation>
    </message>
    <message>
      <source>unknown key {0}</source>
      <translation>clé inconnue {0}</translation>
    </message>
    <message>
      <source>use {0}</source>
      <translation>prenez {0}</translation>
    </message>
    <message>
      <source>{0} is not a name</source>
      <translation>{0} n’est pas un nom</translation>
    </message>
    <message>
      <source>give it a "{0}" in quotation marks</source>
      <translation>donnez-lui un "{0}" entre guillemets</translation>
    </message>
    <message>
      <source>the {0} {1} holds one of &lt; &gt; = |</source>
      <translation>{0} {1} contient l’un de &lt; &gt; = |</translation>
    </message>
    <message>
      <source>take it out</source>
      <translation>retirez-le</translation>
    </message>
    <message>
      <source>{0} is not a list of words</source>
      <translation>{0} n’est pas une liste de mots</translation>
    </message>
    <message>
      <source>write "{0}": ["first", "second"]</source>
      <translation>écrivez "{0}": ["premier", "second"]</translation>
    </message>
    <message>
      <source>the {0} {1} is used twice</source>
      <translation>{0} {1} est employé deux fois</translation>
    </message>
    <message>
      <source>give each its own {0}</source>
      <translation>donnez à chacun le sien : {0}</translation>
    </message>
    <message>
      <source>class {0} is in a group {1} that is not listed</source>
      <translation>la classe {0} est dans un groupe {1} qui n’est pas dans la liste</translation>
    </message>
    <message>
      <source>add it to "groups" or take it out of the class</source>
      <translation>ajoutez-le à "groups" ou retirez-le de la classe</translation>
    </message>
    <message>
      <source>the ground sample distance is no length</source>
      <translation>la résolution au sol n’est pas une longueur</translation>
    </message>
    <message>
      <source>give metres per pixel, above 0</source>
      <translation>donnez des mètres par pixel, au-dessus de 0</translation>
    </message>
    <message>
      <source>the raster has no coordinate reference system, and another one has</source>
      <translation>le raster n’a pas de système de coordonnées, et un autre en a un</translation>
    </message>
    <message>
      <source>assign its CRS (in QGIS: Raster, Projections, Assign Projection), or georeference it first</source>
      <translation>attribuez-lui son SCR (dans QGIS : Raster, Projections, Assigner une projection), ou géoréférencez-le d’abord</translation>
    </message>
    <message>
      <source>without a coordinate reference system, {0} x {1} pixels cannot be laid over {2} x {3}</source>
      <translation>sans système de coordonnées, {0} x {1} pixels ne peuvent pas être posés sur {2} x {3}</translation>
    </message>
    <message>
      <source>georeference the rasters, or cut them to the same size</source>
      <translation>géoréférencez les rasters, ou découpez-les à la même taille</translation>
    </message>
    <message>
      <source>the rasters do not overlap</source>
      <translation>les rasters ne se recouvrent pas</translation>
    </message>
    <message>
      <source>{0} and {1}</source>
      <translation>{0} et {1}</translation>
    </message>
    <message>
      <source>pick rasters of the same place, and check their coordinate reference systems</source>
      <translation>choisissez des rasters du même lieu, et vérifiez leurs systèmes de coordonnées</translation>
    </message>
    <message>
      <source>the area lies outside the rasters' overlap</source>
      <translation>l’emprise est en dehors du recouvrement des rasters</translation>
    </message>
    <message>
      <source>choose an area that all rasters show</source>
      <translation>choisissez une emprise que tous les rasters montrent</translation>
    </message>
    <message>
      <source>a ground sample distance of {0} m is far below the rasters' {1} m</source>
      <translation>une résolution au sol de {0} m est bien en dessous des {1} m des rasters</translation>
    </message>
    <message>
      <source>leave it out: it is read from the rasters</source>
      <translation>n’en donnez pas : elle est lue dans les rasters</translation>
    </message>
    <message>
      <source>only {0} x {1} pixels are common</source>
      <translation>seuls {0} x {1} pixels sont communs</translation>
    </message>
    <message>
      <source>give rasters, or an area, of at least {0} x {1} pixels</source>
      <translation>donnez des rasters, ou une emprise, d’au moins {0} x {1} pixels</translation>
    </message>
    <message>
      <source>the area holds no polygon</source>
      <translation>l’emprise ne contient pas de polygone</translation>
    </message>
    <message>
      <source>give a WKT polygon, xmin,ymin,xmax,ymax, or the path of a vector file</source>
      <translation>donnez un polygone WKT, xmin,ymin,xmax,ymax, ou le chemin d’un fichier vecteur</translation>
    </message>
    <message>
      <source>the area is not understood</source>
      <translation>l’emprise n’est pas comprise</translation>
    </message>
    <message>
      <source>the area's file is not a vector file that can be read</source>
      <translation>le fichier de l’emprise n’est pas un fichier vecteur lisible</translation>
    </message>
    <message>
      <source>the raster cannot be written</source>
      <translation>le raster ne peut pas être écrit</translation>
    </message>
    <message>
      <source>check the folder's permissions and free room</source>
      <translation>vérifiez les droits et la place libre du dossier</translation>
    </message>
    <message>
      <source>the raster holds no data here (all nodata or black)</source>
      <translation>le raster ne contient pas de données ici (tout est sans données ou noir)</translation>
    </message>
    <message>
      <source>pick another raster or area</source>
      <translation>choisissez un autre raster ou une autre emprise</translation>
    </message>
    <message>
      <source>no place holds data in all rasters</source>
      <translation>aucun endroit n’a de données dans tous les rasters</translation>
    </message>
    <message>
      <source>pick other rasters, or another area</source>
      <translation>choisissez d’autres rasters, ou une autre emprise</translation>
    </message>
    <message>
      <source>this is not a raster that GDAL can read</source>
      <translation>ce n’est pas un raster que GDAL sait lire</translation>
    </message>
    <message>
      <source>give a GeoTIFF, or another raster that opens in QGIS</source>
      <translation>donnez un GeoTIFF, ou un autre raster qui s’ouvre dans QGIS</translation>
    </message>
    <message>
      <source>the raster is cut short or damaged</source>
      <translation>le raster est tronqué ou abîmé</translation>
    </message>
    <message>
      <source>copy or download it again</source>
      <translation>copiez-le ou téléchargez-le de nouveau</translation>
    </message>
    <message>
      <source>rasters are not read over the network</source>
      <translation>les rasters ne sont pas lus à travers le réseau</translation>
    </message>
    <message>
      <source>copy it here, or allow it: --remote, or DIACHRON_ALLOW_REMOTE=1</source>
      <translation>copiez-le ici, ou autorisez-le : --remote, ou DIACHRON_ALLOW_REMOTE=1</translation>
    </message>
    <message>
      <source>the file points at a raster over the network ({0})</source>
      <translation>le fichier renvoie à un raster sur le réseau ({0})</translation>
    </message>
    <message>
      <source>copy that here, or allow it: --remote, or DIACHRON_ALLOW_REMOTE=1</source>
      <translation>copiez celui-ci ici, ou autorisez-le : --remote, ou DIACHRON_ALLOW_REMOTE=1</translation>
    </message>
    <message>
      <source>there is no such raster</source>
      <translation>ce raster n’existe pas</translation>
    </message>
    <message>
      <source>check the path</source>
      <translation>vérifiez le chemin</translation>
    </message>
    <message>
      <source>the raster may not be read</source>
      <translation>le raster n’est pas accessible en lecture</translation>
    </message>
    <message>
      <source>check its permissions</source>
      <translation>vérifiez ses droits</translation>
    </message>
    <message>
      <source>the file holds no band itself</source>
      <translation>le fichier ne contient lui-même aucune bande</translation>
    </message>
    <message>
      <source>name one of its subdatasets: {0}</source>
      <translation>indiquez l’un de ses sous-jeux de données : {0}</translation>
    </message>
    <message>
      <source>give another file</source>
      <translation>donnez un autre fichier</translation>
    </message>
    <message>
      <source>bands of type {0} are not supported</source>
      <translation>les bandes de type {0} ne sont pas prises en charge</translation>
    </message>
    <message>
      <source>convert it to amplitude, as float32 or uint16</source>
      <translation>convertissez-le en amplitude, en float32 ou uint16</translation>
    </message>
    <message>
      <source>the raster has only {0} x {1} pixels</source>
      <translation>le raster n’a que {0} x {1} pixels</translation>
    </message>
    <message>
      <source>give a larger raster</source>
      <translation>donnez un raster plus grand</translation>
    </message>
    <message>
      <source>dates {0}</source>
      <translation>dates {0}</translation>
    </message>
    <message>
      <source>the later image comes first: exchange them</source>
      <translation>l’image la plus récente vient en premier : échangez-les</translation>
    </message>
    <message>
      <source>both images have the same date: check which is the earlier</source>
      <translation>les deux images ont la même date : vérifiez laquelle est la plus ancienne</translation>
    </message>
    <message>
      <source>no CRS</source>
      <translation>pas de SCR</translation>
    </message>
    <message>
      <source>the images must show the same ground, edge to edge</source>
      <translation>les images doivent montrer le même terrain, bord à bord</translation>
    </message>
    <message>
      <source>CRS {0}</source>
      <translation>SCR {0}</translation>
    </message>
    <message>
      <source>CRS {0}, laid on one grid</source>
      <translation>SCR {0}, posés sur une même grille</translation>
    </message>
    <message>
      <source>overlap {0}</source>
      <translation>recouvrement {0}</translation>
    </message>
    <message>
      <source>only the ground that all rasters show is compared</source>
      <translation>seul le terrain que tous les rasters montrent est comparé</translation>
    </message>
    <message>
      <source>resolution unknown</source>
      <translation>résolution inconnue</translation>
    </message>
    <message>
      <source>give the ground sample distance to have areas in square metres instead of pixels</source>
      <translation>donnez la résolution au sol pour avoir des surfaces en mètres carrés au lieu de pixels</translation>
    </message>
    <message>
      <source>resolution {0}</source>
      <translation>résolution {0}</translation>
    </message>
    <message>
      <source>all are compared at {0} m: what is smaller in the finer one is lost</source>
      <translation>tous sont comparés à {0} m : ce qui est plus petit dans le plus fin est perdu</translation>
    </message>
    <message>
      <source>the rasters' own {0} m would suit them better</source>
      <translation>les {0} m des rasters eux-mêmes leur conviendraient mieux</translation>
    </message>
    <message>
      <source>compared at {0} m</source>
      <translation>comparés à {0} m</translation>
    </message>
    <message>
      <source>shift {0} px, corrected</source>
      <translation>décalage de {0} px, corrigé</translation>
    </message>
    <message>
      <source>shift {0} px, corrected to {1} px</source>
      <translation>décalage de {0} px, ramené à {1} px</translation>
    </message>
    <message>
      <source>shift between dates {0} and {1} {2} px, corrected</source>
      <translation>décalage entre les dates {0} et {1} de {2} px, corrigé</translation>
    </message>
    <message>
      <source>shift between dates {0} and {1} {2} px, corrected to {3} px</source>
      <translation>décalage entre les dates {0} et {1} de {2} px, ramené à {3} px</translation>
    </message>
    <message>
      <source>tall objects may still lean differently at each date</source>
      <translation>les objets hauts peuvent encore pencher différemment à chaque date</translation>
    </message>
    <message>
      <source>shift not measured</source>
      <translation>décalage non mesuré</translation>
    </message>
    <message>
      <source>shift between dates {0} and {1} not measured</source>
      <translation>décalage entre les dates {0} et {1} non mesuré</translation>
    </message>
    <message>
      <source>check by eye that roads lie on each other</source>
      <translation>vérifiez à l’œil que les routes se superposent</translation>
    </message>
    <message>
      <source>shift {0} px, too large to correct</source>
      <translation>décalage de {0} px, trop grand pour être corrigé</translation>
    </message>
    <message>
      <source>shift between dates {0} and {1} {2} px, too large to correct</source>
      <translation>décalage entre les dates {0} et {1} de {2} px, trop grand pour être corrigé</translation>
    </message>
    <message>
      <source>georeference the rasters again</source>
      <translation>géoréférencez les rasters de nouveau</translation>
    </message>
    <message>
      <source>shift {0} px</source>
      <translation>décalage de {0} px</translation>
    </message>
    <message>
      <source>shift between dates {0} and {1} {2} px</source>
      <translation>décalage entre les dates {0} et {1} de {2} px</translation>
    </message>
    <message>
      <source>no shift</source>
      <translation>pas de décalage</translation>
    </message>
    <message>
      <source>no shift between dates {0} and {1}</source>
      <translation>pas de décalage entre les dates {0} et {1}</translation>
    </message>
    <message>
      <source>colours of date {0} brought to the last date's: gain {1}, offset {2}</source>
      <translation>couleurs de la date {0} ramenées à celles de la dernière : gain {1}, décalage de valeur {2}</translation>
    </message>
    <message>
      <source>colours of date {0} agree with the last date's</source>
      <translation>les couleurs de la date {0} concordent avec celles de la dernière</translation>
    </message>
    <message>
      <source>colours of date {0} left as they are</source>
      <translation>couleurs de la date {0} laissées telles quelles</translation>
    </message>
    <message>
      <source>too little of the ground looks the same in both to compare their colours</source>
      <translation>trop peu de terrain a le même aspect aux deux dates pour comparer leurs couleurs</translation>
    </message>
    <message>
      <source>no gaps</source>
      <translation>pas de lacunes</translation>
    </message>
    <message>
      <source>no cloud</source>
      <translation>pas de nuages</translation>
    </message>
    <message>
      <source>no image in {0} of date {1}</source>
      <translation>pas d’image sur {0} de la date {1}</translation>
    </message>
    <message>
      <source>perhaps cloud, snow or glare in {0} of date {1}</source>
      <translation>peut-être nuage, neige ou reflet sur {0} de la date {1}</translation>
    </message>
    <message>
      <source>these parts are left out of the answer</source>
      <translation>ces parties sont écartées de la réponse</translation>
    </message>
    <message>
      <source>changes found there may not be real</source>
      <translation>les changements trouvés là peuvent ne pas être réels</translation>
    </message>
    <message>
      <source>one raster is not enough</source>
      <translation>un seul raster ne suffit pas</translation>
    </message>
    <message>
      <source>give one for each of two dates or more</source>
      <translation>donnez-en un pour chacune de deux dates ou plus</translation>
    </message>
    <message>
      <source>the recipe cannot be read</source>
      <translation>la recette ne peut pas être lue</translation>
    </message>
    <message>
      <source>name a recipe.json that Diachron wrote</source>
      <translation>indiquez un recipe.json que Diachron a écrit</translation>
    </message>
    <message>
      <source>that is no recipe</source>
      <translation>ce n’est pas une recette</translation>
    </message>
    <message>
      <source>that is no recipe of kind {0} (found {1})</source>
      <translation>ce n’est pas une recette de type {0} (trouvé : {1})</translation>
    </message>
    <message>
      <source>the recipe is damaged ({0})</source>
      <translation>la recette est abîmée ({0})</translation>
    </message>
    <message>
      <source>the recipe has another number of rasters</source>
      <translation>la recette a un autre nombre de rasters</translation>
    </message>
    <message>
      <source>{0} for {1}</source>
      <translation>{0} pour {1}</translation>
    </message>
    <message>
      <source>give as many, in its order, or none</source>
      <translation>donnez-en autant, dans son ordre, ou aucun</translation>
    </message>
    <message>
      <source>the recipe was made with the model {0}</source>
      <translation>la recette a été faite avec le modèle {0}</translation>
    </message>
    <message>
      <source>loaded is {0}</source>
      <translation>est chargé {0}</translation>
    </message>
    <message>
      <source>name that model with --model</source>
      <translation>indiquez ce modèle avec --model</translation>
    </message>
    <message>
      <source>the recipe was made with other weights of this model</source>
      <translation>la recette a été faite avec d’autres poids de ce modèle</translation>
    </message>
    <message>
      <source>install those weights</source>
      <translation>installez ces poids</translation>
    </message>
    <message>
      <source>a file of the recipe is missing</source>
      <translation>un fichier de la recette manque</translation>
    </message>
    <message>
      <source>put it there or beside the recipe, or name it on the command line</source>
      <translation>mettez-le là ou à côté de la recette, ou indiquez-le sur la ligne de commande</translation>
    </message>
    <message>
      <source>a file is not the one that the recipe was made with</source>
      <translation>un fichier n’est pas celui avec lequel la recette a été faite</translation>
    </message>
    <message>
      <source>name that very file</source>
      <translation>indiquez ce fichier même</translation>
    </message>
    <message>
      <source>each raster has one date</source>
      <translation>chaque raster a une seule date</translation>
    </message>
    <message>
      <source>{0} for {1} rasters</source>
      <translation>{0} pour {1} rasters</translation>
    </message>
    <message>
      <source>give as many dates as rasters, or none</source>
      <translation>donnez autant de dates que de rasters, ou aucune</translation>
    </message>
    <message>
      <source>the threshold is no probability</source>
      <translation>le seuil n’est pas une probabilité</translation>
    </message>
    <message>
      <source>give one between 0 and 1</source>
      <translation>donnez-en une entre 0 et 1</translation>
    </message>
    <message>
      <source>the minimum mapping unit is no area</source>
      <translation>l’unité minimale de collecte n’est pas une surface</translation>
    </message>
    <message>
      <source>give square metres</source>
      <translation>donnez des mètres carrés</translation>
    </message>
    <message>
      <source>the question is empty</source>
      <translation>la question est vide</translation>
    </message>
    <message>
      <source>ask something, such as 'What changed?'</source>
      <translation>demandez quelque chose, par exemple « Qu’est-ce qui a changé ? »</translation>
    </message>
    <message>
      <source>the question is too long</source>
      <translation>la question est trop longue</translation>
    </message>
    <message>
      <source>{0} characters, at most {1} are read</source>
      <translation>{0} caractères, {1} au plus sont lus</translation>
    </message>
    <message>
      <source>ask it in a sentence or two</source>
      <translation>posez-la en une phrase ou deux</translation>
    </message>
    <message>
      <source>no language {0}</source>
      <translation>pas de langue {0}</translation>
    </message>
    <message>
      <source>use one of {0}</source>
      <translation>prenez l’un de {0}</translation>
    </message>
    <message>
      <source>the rasters</source>
      <translation>les rasters</translation>
    </message>
    <message>
      <source>no room is left for the result ({0} MB are needed, {1} MB are free)</source>
      <translation>il n’y a plus de place pour le résultat (il faut {0} Mo, {1} Mo sont libres)</translation>
    </message>
    <message>
      <source>free some space or name another disk</source>
      <translation>libérez de la place ou indiquez un autre disque</translation>
    </message>
    <message>
      <source>the result has no changes</source>
      <translation>le résultat n’a pas de changements</translation>
    </message>
    <message>
      <source>ask the question again</source>
      <translation>posez la question de nouveau</translation>
    </message>
    <message>
      <source>the changes cannot be drawn anew ({0})</source>
      <translation>les changements ne peuvent pas être redessinés ({0})</translation>
    </message>
    <message>
      <source>finish what another program does with it, or ask the question again</source>
      <translation>terminez ce qu’un autre programme en fait, ou posez la question de nouveau</translation>
    </message>
    <message>
      <source>the output is a file, not a folder</source>
      <translation>la sortie est un fichier, pas un dossier</translation>
    </message>
    <message>
      <source>name a folder</source>
      <translation>indiquez un dossier</translation>
    </message>
    <message>
      <source>the output folder holds other files</source>
      <translation>le dossier de sortie contient d’autres fichiers</translation>
    </message>
    <message>
      <source>name a new or an empty folder</source>
      <translation>indiquez un dossier nouveau ou vide</translation>
    </message>
    <message>
      <source>the output folder cannot be written</source>
      <translation>le dossier de sortie n’est pas accessible en écriture</translation>
    </message>
    <message>
      <source>name one that you may write to</source>
      <translation>indiquez-en un où vous pouvez écrire</translation>
    </message>
    <message>
      <source>no room is left for the result</source>
      <translation>il n’y a plus de place pour le résultat</translation>
    </message>
    <message>
      <source>the result cannot be written ({0})</source>
      <translation>le résultat ne peut pas être écrit ({0})</translation>
    </message>
    <message>
      <source>name another folder</source>
      <translation>indiquez un autre dossier</translation>
    </message>
    <message>
      <source>the result cannot be written</source>
      <translation>le résultat ne peut pas être écrit</translation>
    </message>
    <message>
      <source>free some space or name another folder</source>
      <translation>libérez de la place ou indiquez un autre dossier</translation>
    </message>
    <message>
      <source>no format {0}</source>
      <translation>pas de format {0}</translation>
    </message>
    <message>
      <source>no status {0}</source>
      <translation>pas de statut {0}</translation>
    </message>
    <message>
      <source>the export cannot be written</source>
      <translation>l’export ne peut pas être écrit</translation>
    </message>
    <message>
      <source>name a place that you may write to, with room for it</source>
      <translation>indiquez un endroit où vous pouvez écrire, avec assez de place</translation>
    </message>
    <message>
      <source>that is no result</source>
      <translation>ce n’est pas un résultat</translation>
    </message>
    <message>
      <source>name a folder that `diachron ask` has written</source>
      <translation>indiquez un dossier que `diachron ask` a écrit</translation>
    </message>
    <message>
      <source>GeoJSON is always longitude and latitude (WGS 84), as RFC 7946 has it</source>
      <translation>GeoJSON est toujours en longitude et latitude (WGS 84), comme le veut la RFC 7946</translation>
    </message>
    <message>
      <source>GeoJSON is always longitude and latitude; these rasters have no place, so its numbers are pixels</source>
      <translation>GeoJSON est toujours en longitude et latitude ; ces rasters n’ont pas de position, ses nombres sont donc des pixels</translation>
    </message>
    <message>
      <source>a Shapefile holds 2 GB at most; these changes are more</source>
      <translation>un Shapefile contient 2 Go au plus ; ces changements en font davantage</translation>
    </message>
    <message>
      <source>use GeoPackage or FlatGeobuf</source>
      <translation>prenez GeoPackage ou FlatGeobuf</translation>
    </message>
    <message>
      <source>Shapefile has field names of 10 characters: {0}</source>
      <translation>Le Shapefile a des noms de champ de 10 caractères : {0}</translation>
    </message>
    <message>
      <source>Shapefile cuts texts at 254 bytes: {0} of them</source>
      <translation>Le Shapefile coupe les textes à 254 octets : {0} d’entre eux</translation>
    </message>
    <message>
      <source>Shapefile has no NULL: {0} unknown numbers may be read as 0</source>
      <translation>Le Shapefile n’a pas de NULL : {0} nombres inconnus peuvent être lus comme 0</translation>
    </message>
    <message>
      <source>GeoParquet needs the package pyarrow</source>
      <translation>GeoParquet a besoin du paquet pyarrow</translation>
    </message>
    <message>
      <source>the engine's environment</source>
      <translation>l’environnement du moteur</translation>
    </message>
    <message>
      <source>run: pip install 'diachron[geoparquet]' in the engine's environment</source>
      <translation>exécutez : pip install 'diachron[geoparquet]' dans l’environnement du moteur</translation>
    </message>
    <message>
      <source>this answer has no rasters</source>
      <translation>cette réponse n’a pas de rasters</translation>
    </message>
    <message>
      <source>the question was not answered</source>
      <translation>la question n’a pas reçu de réponse</translation>
    </message>
    <message>
      <source>this answer has no changes to draw</source>
      <translation>cette réponse n’a pas de changements à dessiner</translation>
    </message>
    <message>
      <source>ask what has changed</source>
      <translation>demandez ce qui a changé</translation>
    </message>
    <message>
      <source>the result is not whole</source>
      <translation>le résultat n’est pas complet</translation>
    </message>
    <message>
      <source>the changes are being decided on too fast</source>
      <translation>on statue trop vite sur les changements</translation>
    </message>
    <message>
      <source>try again in a moment</source>
      <translation>réessayez dans un instant</translation>
    </message>
    <message>
      <source>give 0 or more</source>
      <translation>donnez 0 ou plus</translation>
    </message>
    <message>
      <source>this folder holds no answer</source>
      <translation>ce dossier ne contient pas de réponse</translation>
    </message>
    <message>
      <source>name the folder of a question</source>
      <translation>indiquez le dossier d’une question</translation>
    </message>
    <message>
      <source>a line is too long</source>
      <translation>une ligne est trop longue</translation>
    </message>
    <message>
      <source>{0} is {1}</source>
      <translation>{0} est {1}</translation>
    </message>
    <message>
      <source>{0} is nothing</source>
      <translation>{0} n’est rien</translation>
    </message>
    <message>
      <source>give {0}</source>
      <translation>donnez {0}</translation>
    </message>
    <message>
      <source>{0} is no class phrase</source>
      <translation>{0} n’est pas un terme de classe</translation>
    </message>
    <message>
      <source>use words without | = &lt; &gt;</source>
      <translation>employez des mots sans | = &lt; &gt;</translation>
    </message>
    <message>
      <source>no {0} {1}</source>
      <translation>pas de {0} {1}</translation>
    </message>
    <message>
      <source>{0} is not an absolute path</source>
      <translation>{0} n’est pas un chemin absolu</translation>
    </message>
    <message>
      <source>give a full path</source>
      <translation>donnez un chemin complet</translation>
    </message>
    <message>
      <source>unknown parameter {0}</source>
      <translation>paramètre inconnu {0}</translation>
    </message>
    <message>
      <source>known are {0}</source>
      <translation>sont connus {0}</translation>
    </message>
    <message>
      <source>a request has no id</source>
      <translation>une requête n’a pas d’id</translation>
    </message>
    <message>
      <source>no method {0}</source>
      <translation>pas de méthode {0}</translation>
    </message>
    <message>
      <source>methods are {0}</source>
      <translation>les méthodes sont {0}</translation>
    </message>
    <message>
      <source>the parameters are not an object</source>
      <translation>les paramètres ne sont pas un objet</translation>
    </message>
    <message>
      <source>give "params": {...}</source>
      <translation>donnez "params": {...}</translation>
    </message>
    <message>
      <source>a line is not JSON</source>
      <translation>une ligne n’est pas du JSON</translation>
    </message>
    <message>
      <source>a line is not a JSON object</source>
      <translation>une ligne n’est pas un objet JSON</translation>
    </message>
    <message>
      <source>the reading is not an object</source>
      <translation>la lecture n’est pas un objet</translation>
    </message>
    <message>
      <source>give {"task": ..., "from": [...], "to": [...]}</source>
      <translation>donnez {"task": ..., "from": [...], "to": [...]}</translation>
    </message>
    <message>
      <source>a request with this id is not done yet</source>
      <translation>une requête avec cet id n’est pas encore terminée</translation>
    </message>
    <message>
      <source>give each request its own id</source>
      <translation>donnez à chaque requête son propre id</translation>
    </message>
    <message>
      <source>{0} is no work</source>
      <translation>{0} n’est pas une tâche</translation>
    </message>
    <message>
      <source>the settings cannot be read</source>
      <translation>les réglages ne peuvent pas être lus</translation>
    </message>
    <message>
      <source>delete the file</source>
      <translation>supprimez le fichier</translation>
    </message>
    <message>
      <source>the settings cannot be written</source>
      <translation>les réglages ne peuvent pas être écrits</translation>
    </message>
    <message>
      <source>name the model with --model</source>
      <translation>indiquez le modèle avec --model</translation>
    </message>
  </context>
  <context>
    <name>Class</name>
    <message>
      <source>building</source>
      <translation>bâtiment</translation>
    </message>
    <message>
      <source>pervious surface</source>
      <translation>surface perméable</translation>
    </message>
    <message>
      <source>impervious surface</source>
      <translation>surface imperméable</translation>
    </message>
    <message>
      <source>bare soil</source>
      <translation>sol nu</translation>
    </message>
    <message>
      <source>water</source>
      <translation>eau</translation>
    </message>
    <message>
      <source>coniferous</source>
      <translation>conifères</translation>
    </message>
    <message>
      <source>deciduous</source>
      <translation>feuillus</translation>
    </message>
    <message>
      <source>brushwood</source>
      <translation>broussailles</translation>
    </message>
    <message>
      <source>vineyard</source>
      <translation>vigne</translation>
    </message>
    <message>
      <source>herbaceous</source>
      <translation>herbacé</translation>
    </message>
    <message>
      <source>agricultural land</source>
      <translation>terre agricole</translation>
    </message>
    <message>
      <source>plowed land</source>
      <translation>terre labourée</translation>
    </message>
    <message>
      <source>swimming pool</source>
      <translation>piscine</translation>
    </message>
    <message>
      <source>snow</source>
      <translation>neige</translation>
    </message>
    <message>
      <source>clear cut</source>
      <translation>coupe rase</translation>
    </message>
    <message>
      <source>mixed</source>
      <translation>forêt mixte</translation>
    </message>
    <message>
      <source>ligneous</source>
      <translation>ligneux</translation>
    </message>
    <message>
      <source>greenhouse</source>
      <translation>serre</translation>
    </message>
    <message>
      <source>other</source>
      <translation>autre</translation>
    </message>
  </context>
</TS>
