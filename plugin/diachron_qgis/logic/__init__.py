"""What the plugin does with questions, layers and answers: no widgets."""
