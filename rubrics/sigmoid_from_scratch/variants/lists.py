import random, math
random.seed(1)
def sig(z): return 1/(1+math.exp(-z))
W1=[[random.uniform(-1,1) for _ in range(2)] for _ in range(10)]; b1=[random.uniform(-1,1) for _ in range(10)]
W2=[[random.uniform(-1,1) for _ in range(10)] for _ in range(10)]; b2=[random.uniform(-1,1) for _ in range(10)]
W3=[random.uniform(-1,1) for _ in range(10)]; b3=random.uniform(-1,1)
X=[[random.random(),random.random()] for _ in range(100)]
Y=[(a*a+b*b)/2 for a,b in X]
x1,x2=X[0]; y=Y[0]
z1=[W1[i][0]*x1+W1[i][1]*x2+b1[i] for i in range(10)]; h1=[sig(z) for z in z1]
z2=[sum(W2[i][j]*h1[j] for j in range(10))+b2[i] for i in range(10)]; h2=[sig(z) for z in z2]
p=sum(W3[j]*h2[j] for j in range(10))+b3
loss=(p-y)**2
lr=0.05
dp=2*(p-y)
dW3=[dp*h for h in h2]; db3=dp
dz2=[dp*W3[j]*h2[j]*(1-h2[j]) for j in range(10)]
dW2=[[dz2[i]*h1[j] for j in range(10)] for i in range(10)]; db2=dz2
dz1=[sum(dz2[i]*W2[i][j] for i in range(10))*h1[j]*(1-h1[j]) for j in range(10)]
dW1=[[d*x1,d*x2] for d in dz1]; db1=dz1
