print("phaseflow")
