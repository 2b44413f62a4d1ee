"""Errors of the pair of Dormand and Prince at constant steps: the largest at any step end.

A plain loop over SciPy's coefficients; OrderTests.swift measures the same with ours.
Run: python3 Tests/Oracles/dormand_prince_errors.py
"""
import numpy as np
from scipy.integrate import RK45
A=RK45.A;B=RK45.B;C=RK45.C
def run(f,y,t0,t1,n,ex):
    h=(t1-t0)/n; t=t0; w=0
    for i in range(n):
        k=[]
        for s in range(6):
            k.append(f(t+C[s]*h, y+h*sum(A[s][j]*k[j] for j in range(s))))
        y=y+h*sum(B[j]*k[j] for j in range(6)); t=t0+(i+1)*h
        w=max(w,abs(y-ex(t)))
    return w
for nm,f,y0,T,ex in [("rational",lambda t,y:-2*t*y*y,1.,2.,lambda t:1/(1+t*t)),("logistic",lambda t,y:y*(1-y),.1,5.,lambda t:1/(1+9*np.exp(-t)))]:
    e=[run(f,y0,0,T,int(round(T/h)),ex) for h in (.2,.1,.05,.025,.0125)]
    print(nm,e,[np.log2(e[i]/e[i+1]) for i in range(4)])
