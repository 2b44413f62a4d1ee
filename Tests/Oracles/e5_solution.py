import sys
from mpmath import mp, mpf, matrix, lu_solve, polyroots, quad
mp.dps=45
A,B,C,M=mpf('7.89e-10'),mpf('1.1e7'),mpf('1.13e3'),mpf('1.13e9')
S=5
# Radau right nodes: roots of P_s - P_{s-1} on [0,1]
from mpmath import legendre, findroot, taylor
import mpmath
coef=[a-b for a,b in zip(mpmath.taylor(lambda x: mpmath.legendre(S,x),0,S), mpmath.taylor(lambda x: mpmath.legendre(S-1,x),0,S))]
roots=sorted([mp.re(r) for r in polyroots(coef[::-1],maxsteps=200,extraprec=200)])
c=[(r+1)/2 for r in roots]
V=matrix(S,S); R=matrix(S,S)
for i in range(S):
    for j in range(S): V[j,i]=c[i]**j
a=matrix(S,S)
Vt=matrix(S,S)
for i in range(S):
    for j in range(S): Vt[j,i]=c[i]**j   # sum_k a_ik c_k^j = c_i^{j+1}/(j+1)
for i in range(S):
    rhs=matrix([c[i]**(j+1)/(j+1) for j in range(S)])
    sol=lu_solve(Vt,rhs)
    for k in range(S): a[i,k]=sol[k]
def f(y):
    y3=y[1]-y[2]
    return [-A*y[0]-B*y[0]*y3, A*y[0]-M*y[1]*y3, B*y[0]*y3-C*y[2]]
def jac(y):
    y3=y[1]-y[2]
    return [[-A-B*y3,-B*y[0],B*y[0]],[A,-M*(y3+y[1]),M*y[1]],[B*y3,B*y[0],-B*y[0]-C]]
def run(ratio,t0):
    t=mpf(0); y=[mpf('1.76e-3'),mpf(0),mpf(0)]; end=mpf(10)**13
    n=0
    while t<end:
        h=t0 if t<t0*3 else ratio*t
        if t+1.01*h>end: h=end-t
        Y=[list(y) for _ in range(S)]
        for it in range(60):
            J=jac(Y[-1]) if it%1==0 else J
            F=[f(v) for v in Y]
            G=matrix(3*S,1); K=matrix(3*S,3*S)
            Js=[jac(v) for v in Y]
            for i in range(S):
                for d in range(3):
                    G[3*i+d]=Y[i][d]-y[d]-h*sum(a[i,k]*F[k][d] for k in range(S))
                    for k in range(S):
                        for e in range(3):
                            K[3*i+d,3*k+e]=(1 if i==k and d==e else 0)-h*a[i,k]*Js[k][d][e]
            D=lu_solve(K,-G)
            m=mpf(0)
            for i in range(S):
                for d in range(3):
                    Y[i][d]+=D[3*i+d]
                    m=max(m,abs(D[3*i+d])/(abs(Y[i][d])+mpf('1e-60')) if d>0 else abs(D[3*i+d])/(abs(Y[i][d])+mpf('1e-40')))
            if m<mpf('1e-24'): break
        else: raise SystemExit('no convergence at %s'%mp.nstr(t,5))
        y=Y[-1]; t+=h; n+=1
    return y,n
for ratio,t0 in [(mpf(sys.argv[1]),mpf(sys.argv[2]))]:
    y,n=run(ratio,t0); print(ratio,n,[mp.nstr(v,20) for v in [y[0],y[1],y[1]-y[2],y[2]]],flush=True)
