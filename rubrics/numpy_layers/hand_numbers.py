"""(placeholder, being written)"""
def faults(): return ()
def judge(question, answer): return ()
